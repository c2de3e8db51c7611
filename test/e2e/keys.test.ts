/** A server that asks who calls, from its first API key on. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CommandResult, runStatehouse } from '../support/run-statehouse.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase } from '../support/test-database.ts';

const folder = temporaryFolder();
const STATEHOUSE_ENCRYPTION_KEY = randomBytes(32).toString('base64');
let server: ServerProcess;
let databaseUrl: string;

beforeAll(async () => {
  server = await ServerProcess.start({
    dataDir: join(folder.path, 'data'),
    env: {
      STATEHOUSE_AUTH: 'sigv4',
      STATEHOUSE_ENCRYPTION_KEY,
      STATEHOUSE_HOST: '0.0.0.0',
      LOG_LEVEL: 'error',
    },
  });
  databaseUrl = await vi.waitFor(
    () => /DATABASE_URL='(.*)' statehouse keys create/.exec(server.output)?.[1] ?? expect.unreachable(),
  );
});
afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

function keys(...args: string[]): Promise<CommandResult> {
  return runStatehouse(['keys', ...args], { DATABASE_URL: databaseUrl, STATEHOUSE_ENCRYPTION_KEY });
}

function list(credentials: Record<string, string>): Promise<CommandResult> {
  return runStatehouse(['list'], { AWS_ENDPOINT_URL_SFN: server.url, ...credentials });
}

const NOTHING_THERE = { exitCode: 0, stdout: expect.stringContaining('no state machines yet'), stderr: '' };

test('a key is made, signs, is listed without its secret, and is revoked', async () => {
  const created = await keys(
    'create',
    '--description',
    'for tests',
    '--account',
    '123456789012',
    '--region',
    'eu-west-1',
  );
  expect(created).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(
      /^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}\nAWS_SECRET_ACCESS_KEY=\S{40}\nAWS_REGION=eu-west-1\n$/,
    ),
    stderr: 'acts in account 123456789012; the secret cannot be shown again\n',
  });
  const credentials = Object.fromEntries(
    created.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]),
  );
  expect(await list(credentials)).toEqual(NOTHING_THERE);
  const arn = 'arn:aws:states:eu-west-1:123456789012:execution:höhe & co:none';
  const logs = await runStatehouse(['logs', arn], { AWS_ENDPOINT_URL_SFN: server.url, ...credentials });
  expect(logs.stderr).toBe(`error: ExecutionDoesNotExist: Execution Does Not Exist: '${arn}'\n`);

  const listed = await keys('list');
  expect(listed.stdout).toMatch(/^AKIA\w{16} +123456789012 +eu-west-1 .* for tests$/m);
  expect(listed.stdout).not.toContain(credentials.AWS_SECRET_ACCESS_KEY);

  const id = credentials.AWS_ACCESS_KEY_ID ?? '';
  expect(await keys('revoke', id)).toEqual({ exitCode: 0, stdout: `revoked ${id}\n`, stderr: '' });
  const [revoked] = (JSON.parse((await keys('list', '--json')).stdout) as { keys: object[] }).keys;
  expect(revoked).toEqual({
    accessKeyId: id,
    partition: 'aws',
    region: 'eu-west-1',
    accountId: '123456789012',
    description: 'for tests',
    createdAt: expect.stringMatching(/Z$/),
    revokedAt: expect.stringMatching(/Z$/),
  });
  const again = await keys('revoke', id);
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error: There is no API key AKIA/),
  });
});

test('a key in JSON is one of the installation’s own account and region', async () => {
  const created = JSON.parse((await keys('create', '--json')).stdout) as Record<string, string>;
  expect(created).toMatchObject({ partition: 'aws', region: 'us-east-1', accountId: '000000000000' });
  const { accessKeyId: AWS_ACCESS_KEY_ID = '', secretAccessKey: AWS_SECRET_ACCESS_KEY = '' } = created;
  expect(await list({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY })).toEqual(NOTHING_THERE);
});

test('who does not sign, or with anything else, is refused', async () => {
  expect(await list({})).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: MissingAuthenticationTokenException: Missing Authentication Token\n',
  });
  expect((await list({ AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' })).stderr).toBe(
    'error: UnrecognizedClientException: The security token included in the request is invalid.\n',
  );
});

test('without the right encryption key no API key is made, and no API starts', async () => {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, STATEHOUSE_AUTH: 'sigv4', STATEHOUSE_PORT: '0' };
  for (const args of [['keys', 'create'], ['api']]) {
    const { exitCode, stderr } = await runStatehouse(args, env);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: STATEHOUSE_ENCRYPTION_KEY is not set; expected 32 bytes/),
    });
  }
  await runStatehouse(['keys', 'create'], { ...env, STATEHOUSE_ENCRYPTION_KEY });
  const another = { ...env, STATEHOUSE_ENCRYPTION_KEY: randomBytes(32).toString('hex') };
  for (const args of [['keys', 'create'], ['api']])
    expect((await runStatehouse(args, another)).stderr).toMatch(
      /is not what API key AKIA\w{16} is encrypted under/,
    );
  await database.drop();
});
