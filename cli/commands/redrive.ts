import { Command } from 'commander';
import { type ClientOptions, connect, endpointOption, jsonOption } from '../client-options.ts';
import { print, printJson } from '../terminal.ts';
import { dateTime } from '../time.ts';
import { followToTheEnd, requireSuccess } from './start.ts';

interface RedriveOptions extends ClientOptions {
  readonly wait?: boolean;
}

export function redriveCommand(): Command {
  return new Command('redrive')
    .description('let an execution that failed, timed out or was stopped go on from where it ended')
    .argument('<execution-arn>')
    .option('--wait', 'print what happens until it ends again; exit code 0 only if it succeeds')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (executionArn: string, options: RedriveOptions) => {
      const client = connect(options);
      const answer = await client.call('RedriveExecution', { executionArn });
      const { redriveDate } = answer;
      if (options.wait) requireSuccess(await followToTheEnd(client, executionArn, options, redriveDate));
      else if (options.json) printJson(answer);
      else print(`redriven at ${dateTime(redriveDate)}`);
    });
}
