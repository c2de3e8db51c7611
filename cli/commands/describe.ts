import { Command } from 'commander';
import type { Client, ExecutionDescription, StateMachineDescription } from '../client.ts';
import {
  type ClientOptions,
  connect,
  endpointOption,
  isExecutionArn,
  jsonOption,
  resolveStateMachine,
} from '../client-options.ts';
import { paint, print, printJson } from '../terminal.ts';
import { dateTime, duration } from '../time.ts';

export function describeCommand(): Command {
  return new Command('describe')
    .description('describe an execution or a state machine')
    .argument('<arn>', "an execution's ARN, or a state machine's ARN or name")
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (arn: string, options: ClientOptions) => {
      const client = connect(options);
      if (isExecutionArn(arn)) await describeExecution(client, arn, options);
      else await describeStateMachine(client, arn, options);
    });
}

async function describeExecution(
  client: Client,
  executionArn: string,
  options: ClientOptions,
): Promise<void> {
  const execution = await client.call('DescribeExecution', { executionArn });
  if (options.json) return printJson(execution);
  printFields(executionFields(execution));
}

function executionFields(execution: ExecutionDescription): Record<string, string | undefined> {
  const { startDate, stopDate } = execution;
  return {
    execution: execution.executionArn,
    'state machine': execution.stateMachineArn,
    status: execution.status,
    started: dateTime(startDate),
    stopped:
      stopDate === undefined ? undefined : `${dateTime(stopDate)}  (after ${duration(stopDate - startDate)})`,
    redriven: redrives(execution),
    input: execution.input?.trim(),
    output: execution.output,
    error: execution.error,
    cause: execution.cause,
  };
}

function redrives({ redriveCount, redriveDate }: ExecutionDescription): string | undefined {
  if (redriveCount === undefined || redriveDate === undefined) return undefined;
  return `${redriveCount} ${redriveCount === 1 ? 'time' : 'times'}, last at ${dateTime(redriveDate)}`;
}

async function describeStateMachine(
  client: Client,
  nameOrArn: string,
  options: ClientOptions,
): Promise<void> {
  const stateMachineArn = await resolveStateMachine(client, nameOrArn);
  const machine = await client.call('DescribeStateMachine', { stateMachineArn });
  if (options.json) return printJson(machine);
  printFields(stateMachineFields(machine));
  print(machine.definition.trimEnd());
}

function stateMachineFields(machine: StateMachineDescription): Record<string, string | undefined> {
  return {
    'state machine': machine.stateMachineArn,
    type: machine.type,
    status: machine.status,
    created: dateTime(machine.creationDate),
    revision: machine.revisionId,
    role: machine.roleArn,
    definition: '',
  };
}

function printFields(fields: Record<string, string | undefined>): void {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) print(`${paint('dim', name.padEnd(width))}  ${value}`);
  }
}
