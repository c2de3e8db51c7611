/**
 * `npm run conformance -- DIR [options]`: runs DIR/run.mjs with the options against a development server of its own.
 * Exit code and last line are the runner's.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { ServerProcess } from '../support/server-process.ts';

/** Services that the runner's own mock stands in for, by the AWS SDKs' names for their endpoint variables. */
const MOCKED = ['DYNAMODB', 'SQS', 'SNS', 'EVENTBRIDGE', 'S3', 'CLOUDWATCH_LOGS', 'SECRETS_MANAGER'];

const [directory, ...options] = process.argv.slice(2);
if (directory === undefined) {
  console.error('usage: npm run conformance -- DIR [options of DIR/run.mjs]');
  process.exit(2);
}
process.exitCode = await conformance(resolve(directory, 'run.mjs'), options);

async function conformance(runner: string, options: readonly string[]): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statehouse-conformance-'));
  chmodSync(dataDir, 0o711); // for root's Postgres, which runs as another user, to pass through
  const lambdaPort = await freePort();
  const awsPort = await freePort();
  const mock = `http://127.0.0.1:${awsPort}`;
  const server = await ServerProcess.start({
    dataDir,
    env: {
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${lambdaPort}`,
      ...Object.fromEntries(MOCKED.map((service) => [`AWS_ENDPOINT_URL_${service}`, mock])),
    },
  });
  try {
    const ports = ['--lambda-port', String(lambdaPort), '--aws-port', String(awsPort)];
    return await run(process.execPath, [runner, '--endpoint', server.url, ...ports, ...options]);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Runs a program with this one's output; resolves with its exit code. An interrupt ends it, and then us. */
function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    const interrupt = (signal: NodeJS.Signals): boolean => child.kill(signal);
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve(code ?? 1);
    });
  });
}
