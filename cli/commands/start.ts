import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Client, ExecutionDescription } from '../client.ts';
import {
  type ClientOptions,
  connect,
  endpointOption,
  jsonOption,
  resolveStateMachine,
} from '../client-options.ts';
import { CommandError } from '../command-error.ts';
import { followExecution } from '../follow.ts';
import { paint, print, printJson } from '../terminal.ts';
import { printTimeline } from '../timeline-print.ts';

interface StartOptions extends ClientOptions {
  readonly name?: string;
  readonly input?: string;
  readonly inputFile?: string;
  readonly wait?: boolean;
}

export function startCommand(): Command {
  return new Command('start')
    .description('start an execution; with --wait, follow it to its end')
    .argument('<state-machine>', 'name or ARN')
    .option('--name <name>', 'name of the execution (default: one is made up)')
    .option('--input <json>', 'its input (default: {})')
    .option('--input-file <file>', 'read its input from a file; - is standard input')
    .option('--wait', 'print what happens until it ends; exit code 0 only if it succeeds')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (stateMachine: string, options: StartOptions) => {
      const input = readInput(options);
      const client = connect(options);
      const stateMachineArn = await resolveStateMachine(client, stateMachine);
      const started = await client.call('StartExecution', {
        stateMachineArn,
        ...(options.name !== undefined && { name: options.name }),
        ...(input !== undefined && { input }),
      });
      if (options.wait) requireSuccess(await followToTheEnd(client, started.executionArn, options));
      else if (options.json) printJson(started);
      else print(started.executionArn);
    });
}

/**
 * Prints an execution's timeline as it happens (with --json: only how it ended).
 * @param since seconds since 1970: what happened earlier is not told
 * @throws CommandError naming the execution, which goes on without being followed
 */
export async function followToTheEnd(
  client: Client,
  executionArn: string,
  options: Pick<ClientOptions, 'json'>,
  since?: number,
): Promise<ExecutionDescription> {
  const execution = await toTheEnd().catch((error: Error) => {
    throw new CommandError(`${error.message} The execution goes on: statehouse history ${executionArn}`);
  });
  if (options.json) printJson(execution);
  else
    print(`${paint(execution.status === 'SUCCEEDED' ? 'green' : 'red', execution.status)} ${executionArn}`);
  return execution;

  async function toTheEnd(): Promise<ExecutionDescription> {
    const events = followExecution(client, executionArn);
    if (options.json) for await (const _ of events);
    else await printTimeline(events, since);
    return client.call('DescribeExecution', { executionArn });
  }
}

/** @throws CommandError when the execution ended in any other way */
export function requireSuccess({ status, error, cause }: ExecutionDescription): void {
  if (status === 'SUCCEEDED') return;
  const reason = [error, cause].filter(Boolean).join(': ');
  throw new CommandError(`the execution ended as ${status}${reason && ` (${reason})`}`);
}

function readInput({ input, inputFile }: StartOptions): string | undefined {
  if (input !== undefined && inputFile !== undefined)
    throw new CommandError('give --input or --input-file, not both');
  if (inputFile === undefined) return input;
  try {
    return readFileSync(inputFile === '-' ? 0 : inputFile, 'utf8');
  } catch (error) {
    throw new CommandError(
      `--input-file ${inputFile}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
