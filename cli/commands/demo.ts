import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type DevServer, startDevServer } from '../../dev/server.ts';
import { createLogger } from '../../telemetry/log.ts';
import { Client } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { readDefinition } from '../definition-file.ts';
import { stopSignal } from '../shutdown.ts';
import { paint, print } from '../terminal.ts';
import { deploy } from './deploy.ts';
import { devServerOptions } from './dev.ts';
import { followToTheEnd, requireSuccess } from './start.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/order-processing', import.meta.url));

const RUNS = [
  {
    title: 'An order that goes well: the payment gateway is busy twice, and the charge is tried again.',
    name: 'order-1001',
    input: 'order.json',
  },
  {
    title: 'An order with a damaged item: the failure is caught and the payment refunded.',
    name: 'order-1002',
    input: 'damaged-order.json',
  },
] as const;

export function demoCommand(): Command {
  return new Command('demo')
    .description('start everything, run examples/order-processing and show what happens')
    .option('--keep', 'leave it running afterwards, until Ctrl-C')
    .action(demo);
}

async function demo({ keep = false }: { keep?: boolean }): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statehouse-demo-'));
  chmodSync(dataDir, 0o711); // for root's Postgres, which runs as another user, to pass through
  const stopped = stopSignal();
  let server: DevServer | undefined;
  try {
    print(
      `${paint('bold', 'Statehouse demo')}  ${paint('dim', 'Amazon States Language on Postgres, nothing else')}\n`,
    );
    server = await startDevServer({
      ...devServerOptions({ port: '0', host: '127.0.0.1', dataDir, functions: join(EXAMPLE, 'functions') }),
      databaseUrl: undefined,
      auth: 'none',
      logger: createLogger(process.env.LOG_LEVEL ?? 'warn'),
    });
    done(`Postgres, API, worker and functions are up on ${server.url}`);
    const arns = await Promise.race([runOrders(new Client(server.url)), stopped.then(() => undefined)]);
    if (arns === undefined) throw new CommandError('interrupted');
    printWhereToLook(server.url, arns, keep);
    if (keep) await stopped;
  } finally {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @returns the ARNs of the executions */
async function runOrders(client: Client): Promise<string[]> {
  const definition = readDefinition(join(EXAMPLE, 'order-processing.asl.json'));
  const roleArn = 'arn:aws:iam::000000000000:role/statehouse';
  const { stateMachineArn } = await deploy(client, definition, { type: 'STANDARD', roleArn });
  done(`deployed ${stateMachineArn}`);
  const arns: string[] = [];
  for (const [i, { title, name, input: file }] of RUNS.entries()) {
    print(`\n${paint('bold', `${i + 1}. ${title}`)}\n`);
    const input = readFileSync(join(EXAMPLE, file), 'utf8');
    const { executionArn } = await client.call('StartExecution', { stateMachineArn, name, input });
    requireSuccess(await followToTheEnd(client, executionArn, {}));
    arns.push(executionArn);
  }
  return arns;
}

function done(text: string): void {
  print(`${paint('green', '✓')} ${text}`);
}

function printWhereToLook(url: string, [firstArn = '']: readonly string[], keep: boolean): void {
  print(
    `\n${paint('bold', keep ? 'It goes on running. Look around:' : 'Look around while it runs: npm run demo -- --keep')}\n`,
  );
  const endpoint = keep ? ` --endpoint ${url}` : '';
  const places = [
    ['endpoint', keep ? url : `http://127.0.0.1:8083 of "npm start"; this one was ${url}`],
    ['history', `npx statehouse history ${firstArn}${endpoint}`],
    [
      'AWS CLI',
      `aws stepfunctions list-state-machines --endpoint-url ${keep ? url : 'http://127.0.0.1:8083'}`,
    ],
    ...(keep ? [['stop', 'Ctrl-C']] : []),
  ];
  for (const [name = '', place = ''] of places) print(`  ${paint('dim', name.padEnd(10))}${place}`);
}
