import { Command, Option } from 'commander';
import type { ExecutionListItem, StateMachineListItem } from '../client.ts';
import {
  type ClientOptions,
  connect,
  endpointOption,
  jsonOption,
  readCount,
  resolveStateMachine,
} from '../client-options.ts';
import { CommandError, ExitCode } from '../command-error.ts';
import { print, printJson, printTable } from '../terminal.ts';
import { dateTime } from '../time.ts';

interface ListOptions extends ClientOptions {
  readonly status?: string;
  readonly max: number;
}

export function listCommand(): Command {
  return new Command('list')
    .description('list state machines, or the executions of one')
    .argument('[state-machine]', 'name or ARN: list its executions, newest first')
    .addOption(
      new Option('--status <status>', 'only executions with this status').choices([
        'RUNNING',
        'SUCCEEDED',
        'FAILED',
        'TIMED_OUT',
        'ABORTED',
        'PENDING_REDRIVE',
      ]),
    )
    .addOption(new Option('--max <count>', 'at most so many').default(100).argParser(readCount))
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action((stateMachine: string | undefined, options: ListOptions) =>
      stateMachine === undefined ? listStateMachines(options) : listExecutions(stateMachine, options),
    );
}

async function listStateMachines(options: ListOptions): Promise<void> {
  if (options.status !== undefined)
    throw new CommandError('--status is of executions: name their state machine', ExitCode.usage);
  const stateMachines: StateMachineListItem[] = [];
  for await (const page of connect(options).pages('ListStateMachines', pageOf(options))) {
    stateMachines.push(...page.stateMachines);
    if (stateMachines.length >= options.max) break;
  }
  const shown = stateMachines.slice(0, options.max);
  if (options.json) return printJson({ stateMachines: shown });
  if (shown.length === 0) return print('no state machines yet: "statehouse deploy FILE.asl.json" makes one');
  printTable(
    ['NAME', 'TYPE', 'CREATED', 'ARN'],
    shown.map((machine) => [
      machine.name,
      machine.type,
      dateTime(machine.creationDate),
      machine.stateMachineArn,
    ]),
  );
}

async function listExecutions(stateMachine: string, options: ListOptions): Promise<void> {
  const client = connect(options);
  const stateMachineArn = await resolveStateMachine(client, stateMachine);
  const query = {
    stateMachineArn,
    ...pageOf(options),
    ...(options.status && { statusFilter: options.status }),
  };
  const executions: ExecutionListItem[] = [];
  for await (const page of client.pages('ListExecutions', query)) {
    executions.push(...page.executions);
    if (executions.length >= options.max) break;
  }
  const shown = executions.slice(0, options.max);
  if (options.json) return printJson({ executions: shown });
  if (shown.length === 0) return print('no executions');
  printTable(
    ['STATUS', 'STARTED', 'STOPPED', 'ARN'],
    shown.map((execution) => [
      execution.status,
      dateTime(execution.startDate),
      execution.stopDate === undefined ? '' : dateTime(execution.stopDate),
      execution.executionArn,
    ]),
  );
}

function pageOf(options: ListOptions): { maxResults: number } {
  return { maxResults: Math.min(1000, options.max) };
}
