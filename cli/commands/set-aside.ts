import { Command } from 'commander';
import { type ClientOptions, connect, endpointOption, jsonOption } from '../client-options.ts';
import { print, printJson, printTable } from '../terminal.ts';
import { dateTime } from '../time.ts';

export function setAsideCommand(): Command {
  return new Command('set-aside')
    .description('list executions that no worker runs any more, because each that did died or met a fault')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (options: ClientOptions) => {
      const answer = await connect(options).setAside();
      const { executions } = answer;
      if (options.json) return printJson(answer);
      if (executions.length === 0) return print('no execution is set aside');
      printTable(
        ['SINCE', 'ARN', 'LAST'],
        executions.map(({ since, executionArn, reason }) => [dateTime(since), executionArn, reason]),
      );
    });
}
