import { Command, InvalidArgumentError, Option } from 'commander';
import { parseArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { LogRecord } from '../../telemetry/logs/log-record.ts';
import type { Client } from '../client.ts';
import {
  type ClientOptions,
  connect,
  endpointOption,
  isExecutionArn,
  isExpressArn,
  readCount,
  resolveStateMachine,
} from '../client-options.ts';
import { CommandError } from '../command-error.ts';
import { logsOf } from '../follow-logs.ts';
import { printLogs } from '../log-print.ts';
import { print } from '../terminal.ts';
import { readTime } from '../time.ts';

interface LogsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly since?: Date;
  readonly limit: number;
}

/** Of a state machine, unless another time is given. */
const SINCE_MS_DEFAULT = 10 * 60 * 1000;

export function logsCommand(): Command {
  return new Command('logs')
    .description('tell what an execution, or the executions of a state machine, have logged')
    .argument('<arn>', "an execution's ARN, or a state machine's ARN or name")
    .option('--follow', 'go on as records come: until the execution ends, or Ctrl-C')
    .addOption(
      new Option(
        '--since <time>',
        'what was written since: 30s, 10m, 2h, 1d or an ISO time (default: of a state machine 10m, of an execution all)',
      ).argParser(readSince),
    )
    .addOption(
      new Option('--limit <count>', 'at most so many')
        .default(Number.POSITIVE_INFINITY, 'all')
        .argParser(readCount),
    )
    .addOption(endpointOption())
    .option('--json', 'print the records as AWS delivers them, one JSON object a line')
    .action(async (nameOrArn: string, options: LogsOptions) => {
      const client = connect(options);
      const isOfExecution = isExecutionArn(nameOrArn);
      const arn = isOfExecution ? nameOrArn : await resolveStateMachine(client, nameOrArn);
      const earliest = isOfExecution ? undefined : new Date(Date.now() - SINCE_MS_DEFAULT);
      const since = (options.since ?? earliest)?.toISOString();
      const wanted = { arn, since, follow: options.follow ?? false };
      const records = first(
        options.limit,
        logsOf(client, wanted, () => refuseLevelOff(client, arn)),
      );
      if (options.json) await printLines(records);
      else if ((await printLogs(records, !isOfExecution)) === 0)
        print(since === undefined ? 'no logs' : `no logs since ${since}`);
    });
}

async function printLines(records: AsyncIterable<LogRecord>): Promise<void> {
  for await (const record of records) print(JSON.stringify(record));
}

async function* first<Item>(count: number, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  let left = count;
  for await (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}

/** @throws CommandError when there is nothing to wait for */
async function refuseLevelOff(client: Client, arn: string): Promise<void> {
  const { loggingConfiguration } = await loggingOf(client, arn);
  if ((loggingConfiguration?.level ?? 'OFF') !== 'OFF') return;
  throw new CommandError(
    isExecutionArn(arn) && !isExpressArn(arn)
      ? `The state machine of this execution logs nothing (level OFF): "statehouse history ${arn}" tells what happened.`
      : `The state machine logs nothing (level OFF): its loggingConfiguration says what it should log.`,
  );
}

function loggingOf(client: Client, arn: string) {
  if (!isExecutionArn(arn)) return client.call('DescribeStateMachine', { stateMachineArn: arn });
  const place = parseArn(arn);
  if (place === undefined || !isExpressArn(arn))
    return client.call('DescribeStateMachineForExecution', { executionArn: arn });
  const [name = ''] = place.resource.split(':');
  return client.call('DescribeStateMachine', { stateMachineArn: stateMachineArn(place, name) });
}

function readSince(text: string): Date {
  const time = readTime(text, Date.now());
  if (time === undefined) throw new InvalidArgumentError('expected 30s, 10m, 2h, 1d or an ISO time.');
  return new Date(time);
}
