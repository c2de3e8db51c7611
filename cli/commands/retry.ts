import { Command } from 'commander';
import { type ClientOptions, connect, endpointOption, jsonOption } from '../client-options.ts';
import { print, printJson } from '../terminal.ts';

export function retryCommand(): Command {
  return new Command('retry')
    .description('let workers run an execution again that was set aside')
    .argument('<execution-arn>')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (executionArn: string, options: ClientOptions) => {
      const answer = await connect(options).retry(executionArn);
      if (options.json) printJson(answer);
      else print('it is run again');
    });
}
