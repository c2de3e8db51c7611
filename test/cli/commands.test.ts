/** What needs no server: validating, and refusing what makes no sense. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { childEnvironment } from '../support/child-environment.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

function file(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

test('validate accepts a sound definition', async () => {
  const path = file('sound.asl.json', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
  expect(await runStatehouse(['validate', path])).toEqual({ exitCode: 0, stdout: `✓ ${path}\n`, stderr: '' });
});

test('validate reports every fault with its place', async () => {
  const path = file(
    'faulty.asl.json',
    '{"StartAt": "B", "States": {"A": {"Type": "Pass"}, "C": {"Type": "Guess"}}}',
  );
  const { exitCode, stdout, stderr } = await runStatehouse(['validate', path, '--json']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'error: 1 of 1 definitions invalid\n' });
  const [verdict] = JSON.parse(stdout) as { result: string; diagnostics: { severity: string }[] }[];
  expect(verdict?.result).toBe('FAIL');
  expect(verdict?.diagnostics.filter(({ severity }) => severity === 'ERROR').length).toBeGreaterThan(1);
});

test('validate reads YAML, and reports faults as those of the JSON', async () => {
  const yaml = 'StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: ten\n    End: true\n';
  const { exitCode, stdout } = await runStatehouse(['validate', file('wait.asl.yaml', yaml)]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/\/States\/A\/Seconds: /);
});

const refusals: Record<string, readonly [args: readonly string[], message: RegExp]> = {
  'YAML with tags of CloudFormation': [
    ['validate', file('tagged.asl.yml', 'StartAt: A\nStates:\n  A: !Ref B\n')],
    /tagged\.asl\.yml: Unresolved tag: !Ref at line 3, column 6\n$/,
  ],
  'YAML that may be anything': [
    ['deploy', 'order.yaml'],
    /order\.yaml: expected a definition in JSON \(\.asl\.json\) or YAML \(\.asl\.yaml\)\.$/m,
  ],
  'serverless.yml': [['deploy', 'app/serverless.yml'], /serverless\.yml cannot be read yet/],
  'CDK output': [
    ['deploy', 'cdk.out/Stack.template.json'],
    /CloudFormation, SAM and CDK templates cannot be read yet/,
  ],
  'a template by its content': [
    ['deploy', file('stack.json', '{"Resources": {}}')],
    /this is a CloudFormation template, which cannot be read yet/,
  ],
  'a file that is not there': [['validate', 'nowhere.asl.json'], /nowhere\.asl\.json: ENOENT/],
  'one name for two files': [
    ['deploy', 'a.asl.json', 'b.asl.json', '--name', 'x'],
    /--name names one state machine/,
  ],
  'an endpoint that is no address': [
    ['list', '--endpoint', 'localhost'],
    /--endpoint: "localhost" is no address/,
  ],
  'a worker without a database': [['worker'], /DATABASE_URL is not set/],
  'a development server for the whole network': [
    ['dev', '--host', '0.0.0.0'],
    /listens on this machine only/,
  ],
  'API keys without a database': [['keys', 'list'], /DATABASE_URL is not set/],
  'an account that is none': [
    ['keys', 'create', '--account', '12'],
    /STATEHOUSE_ACCOUNT_ID: expected 12 digits/,
  ],
  'a port that is no port': [['dev', '--port', '70000'], /STATEHOUSE_PORT: /],
};

test.each(Object.entries(refusals))('refuses %s', async (_what, [args, message]) => {
  const { exitCode, stderr } = await runStatehouse(args);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('refuses endpoints that lead back to itself, and to serve everybody without being told', async () => {
  const own = await runStatehouse(['dev', '--port', '18083'], { AWS_ENDPOINT_URL: 'http://localhost:18083' });
  expect(own.stderr).toMatch(
    /^error: AWS_ENDPOINT_URL: http:\/\/localhost:18083 is this server's own address/,
  );
  const unsaid = await runStatehouse(['api'], { DATABASE_URL: 'postgres://nowhere/db' });
  expect(unsaid.stderr).toMatch(/^error: STATEHOUSE_AUTH is not set/);
});

test.each(['0', '-1', 'ever', '40000'])('refuses to keep executions for %s days', async (days) => {
  const { exitCode, stderr } = await runStatehouse(['worker'], { STATEHOUSE_RETENTION_DAYS: days });
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    'error: STATEHOUSE_RETENTION_DAYS: expected a number of days above 0 and up to 36500, or "forever"\n',
  );
});

test('does not show an encryption key that it cannot read', async () => {
  const { exitCode, stderr } = await runStatehouse(['api'], { STATEHOUSE_ENCRYPTION_KEY: 'hunter2' });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: STATEHOUSE_ENCRYPTION_KEY: expected 32 bytes in base64 or hex/);
  expect(stderr).not.toContain('hunter2');
});

test.each([
  ['a command that does not exist', ['strat'], /Did you mean start\?/],
  ['a count that is no number', ['list', '--max', 'many'], /--max <count>.* expected a number from 1/],
  ['a status that does not exist', ['list', 'x', '--status', 'DONE'], /Allowed choices are RUNNING, /],
  ['a status of state machines', ['list', '--status', 'FAILED'], /--status is of executions: name their/],
  ['a key that is not named', ['keys', 'revoke'], /missing required argument 'access-key-id'/],
  ['a missing argument', ['describe'], /missing required argument 'arn'/],
])('%s is a usage error', async (_what, args, message) => {
  const { exitCode, stderr } = await runStatehouse(args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

test('--help tells every command', async () => {
  const { exitCode, stdout } = await runStatehouse(['--help']);
  expect(exitCode).toBe(0);
  for (const command of [
    'dev',
    'api',
    'worker',
    'migrate',
    'keys',
    'demo',
    'deploy',
    'validate',
    'start',
    'describe',
    'history',
    'logs',
    'stop',
    'set-aside',
    'retry',
    'list',
  ]) {
    expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  }
});

const FULL_DISK = '/dev/full';

test.skipIf(!existsSync(FULL_DISK))('says that its output has no place, without a stack', async () => {
  const path = file('output.asl.json', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
  const program = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));
  const output = openSync(FULL_DISK, 'w');
  const child = spawn(process.execPath, [program, 'validate', path], {
    env: childEnvironment({}),
    stdio: ['ignore', output, 'pipe'],
  });
  closeSync(output);
  expect(await text(child.stderr as Readable)).toBe('error: ENOSPC: no space left on device, write\n');
});

test('names the execution that it cannot follow any more', async () => {
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:orders:1';
  const api = createServer(({ headers, socket }, response) => {
    if (headers['x-amz-target'] === 'AWSStepFunctions.StartExecution')
      response.end(JSON.stringify({ executionArn, startDate: 0 }));
    else socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  const { exitCode, stderr } = await runStatehouse(
    ['start', 'arn:aws:states:us-east-1:000000000000:stateMachine:orders', '--wait'],
    { AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${port}` },
  );
  api.close();
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: Nothing answers at .* The execution goes on: statehouse history /);
  expect(stderr).toContain(executionArn);
});
