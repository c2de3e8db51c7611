import { Command, Option } from 'commander';
import { type DevServer, type DevServerOptions, startDevServer } from '../../dev/server.ts';
import { createLogger } from '../../telemetry/log.ts';
import { ceilingsOf, maxConcurrentRequestsOf, placeOf, readConfig } from '../config.ts';
import { isolatedWorker } from '../isolated-worker.ts';
import { stopSignal } from '../shutdown.ts';
import { paint, print } from '../terminal.ts';

interface DevFlags {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly functions?: string;
}

export function devCommand(): Command {
  return new Command('dev')
    .description('run everything in one process, on a Postgres of its own unless DATABASE_URL is set')
    .addOption(new Option('--port <port>', 'port of the API (default: 8083, or STATEHOUSE_PORT)'))
    .addOption(new Option('--host <host>', 'address to listen on (default: 127.0.0.1, or STATEHOUSE_HOST)'))
    .addOption(
      new Option(
        '--data-dir <dir>',
        'where Postgres keeps its data (default: .statehouse, or STATEHOUSE_DATA_DIR)',
      ),
    )
    .addOption(
      new Option(
        '--functions <path>',
        'function map: a directory or a JSON file (default: STATEHOUSE_FUNCTIONS)',
      ),
    )
    .action(async (flags: DevFlags) => {
      const options = devServerOptions(flags);
      const stopped = stopSignal(); // from here on, a signal while starting is not lost either
      const server = await startDevServer(options);
      print(`Statehouse ready on ${server.url}`);
      printHints(server, options);
      const signal = await stopped;
      print(
        paint(
          'dim',
          `${signal}: letting running tasks finish (at most ${options.graceSeconds} s); again to end at once`,
        ),
      );
      await server.stop();
      print(paint('dim', 'stopped'));
    });
}

/** The settings of the environment, with what the flags say in their place. */
export function devServerOptions(flags: DevFlags): DevServerOptions {
  const config = readConfig({
    ...process.env,
    ...(flags.port !== undefined && { STATEHOUSE_PORT: flags.port }),
    ...(flags.host !== undefined && { STATEHOUSE_HOST: flags.host }),
    ...(flags.dataDir !== undefined && { STATEHOUSE_DATA_DIR: flags.dataDir }),
    ...(flags.functions !== undefined && { STATEHOUSE_FUNCTIONS: flags.functions }),
  });
  return {
    host: config.STATEHOUSE_HOST ?? '127.0.0.1',
    port: config.STATEHOUSE_PORT,
    databaseUrl: config.DATABASE_URL,
    dataDir: config.STATEHOUSE_DATA_DIR,
    functions: config.STATEHOUSE_FUNCTIONS,
    env: process.env,
    place: placeOf(config),
    auth: config.STATEHOUSE_AUTH,
    encryptionKeys: config.STATEHOUSE_ENCRYPTION_KEY,
    ceilings: ceilingsOf(config),
    isThrottled: config.STATEHOUSE_THROTTLE === 'on',
    maxConcurrentRequests: maxConcurrentRequestsOf(config),
    sqlTasksUrl: config.STATEHOUSE_SQL_TASKS_URL,
    sqlTasksPoolSize: config.STATEHOUSE_SQL_TASKS_POOL_SIZE,
    poolSize: config.STATEHOUSE_POOL_SIZE,
    graceSeconds: config.STATEHOUSE_GRACE_SECONDS,
    workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
    logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
    logRoutes: config.STATEHOUSE_EXECUTION_LOGS,
    retentionDays: config.STATEHOUSE_RETENTION_DAYS,
    maxConcurrency: config.STATEHOUSE_MAX_CONCURRENCY,
    isolate: (databases) => isolatedWorker(config, databases),
    logger: createLogger(config.LOG_LEVEL),
  };
}

function printHints(server: DevServer, { auth, functions, databaseUrl, dataDir }: DevServerOptions): void {
  const hints = [
    [
      'clients',
      `AWS_ENDPOINT_URL_SFN=${server.url}, ${auth === 'sigv4' ? 'an API key as credentials' : 'any credentials'}`,
    ],
    ...(auth === 'sigv4' && databaseUrl === undefined
      ? [['API keys', `DATABASE_URL='${server.databaseUrl}' statehouse keys create`]]
      : []),
    ...(databaseUrl === undefined
      ? [
          [
            'SQL tasks',
            `run as statehouse_sql_tasks: psql '${server.databaseUrl}' to grant it what they need`,
          ],
        ]
      : []),
    [
      'functions',
      functions ?? 'none: give --functions DIR, or AWS_ENDPOINT_URL_LAMBDA for Lambda functions elsewhere',
    ],
    ['data', databaseUrl === undefined ? dataDir : 'the database of DATABASE_URL'],
    [
      'sync calls',
      'StartSyncExecution and TestState put "sync-" before the host. JS: disableHostPrefix: true; boto3: Config(inject_host_prefix=False); AWS CLI: AWS_DISABLE_HOST_PREFIX_INJECTION=true; or a hosts entry 127.0.0.1 sync-localhost',
    ],
  ];
  for (const [name = '', hint = ''] of hints) print(paint('dim', `  ${name.padEnd(11)}${hint}`));
}
