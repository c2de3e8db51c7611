import { Command } from 'commander';
import { type ClientOptions, connect, endpointOption, jsonOption } from '../client-options.ts';
import { print, printJson } from '../terminal.ts';
import { dateTime } from '../time.ts';

interface StopOptions extends ClientOptions {
  readonly error?: string;
  readonly cause?: string;
}

export function stopCommand(): Command {
  return new Command('stop')
    .description('stop a running execution: it ends as ABORTED at once')
    .argument('<execution-arn>')
    .option('--error <name>', 'error to record')
    .option('--cause <text>', 'cause to record')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (executionArn: string, { error, cause, ...options }: StopOptions) => {
      const answer = await connect(options).call('StopExecution', {
        executionArn,
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      });
      if (options.json) printJson(answer);
      else print(`stopped at ${dateTime(answer.stopDate)}`);
    });
}
