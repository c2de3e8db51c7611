/** The client commands against a running server, and what they say when there is something to complain about. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type CommandResult, runStatehouse } from '../support/run-statehouse.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000';
const folder = temporaryFolder();
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: join(folder.path, 'data'), env: { LOG_LEVEL: 'error' } });
});

afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

function statehouse(...args: string[]): Promise<CommandResult> {
  return runStatehouse(args, { AWS_ENDPOINT_URL_SFN: server.url });
}

function definitionFile(name: string, definition: unknown): string {
  const path = join(folder.path, name);
  writeFileSync(path, typeof definition === 'string' ? definition : JSON.stringify(definition));
  return path;
}

const pass = (result: string): object => ({
  StartAt: 'Say',
  States: { Say: { Type: 'Pass', Result: result, End: true } },
});
const fail = { StartAt: 'Fall', States: { Fall: { Type: 'Fail', Error: 'Fallen', Cause: 'gravity' } } };
/** Long enough to be stopped by the next command. */
const nap = { StartAt: 'Nap', States: { Nap: { Type: 'Wait', Seconds: 4, End: true } } };
const rest = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };

test('deploy creates, then updates; start --wait follows the run', async () => {
  const file = definitionFile('say.asl.json', pass('one'));
  expect(await statehouse('deploy', file)).toEqual({
    exitCode: 0,
    stdout: `${ARN}:stateMachine:say\n`,
    stderr: 'created\n',
  });
  definitionFile('say.asl.json', pass('two'));
  expect((await statehouse('deploy', file, '--json')).stdout).toContain('"outcome": "updated"');

  const run = await statehouse('start', 'say', '--name', 'run', '--wait');
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/Say +· passes on "two"/);
  expect(run.stdout).toContain(`SUCCEEDED ${ARN}:execution:say:run\n`);
});

test('deploy reads YAML', async () => {
  const yaml = ['# says hello', 'StartAt: Say', 'States:', '  Say: { Type: Pass, Result: hello, End: true }'];
  const file = definitionFile('greet.asl.yaml', yaml.join('\n'));
  expect((await statehouse('deploy', file)).stdout).toBe(`${ARN}:stateMachine:greet\n`);
  expect((await statehouse('start', 'greet', '--wait')).stdout).toMatch(/Say +· passes on "hello"/);
});

test('an execution can be described, listed, told and stopped', async () => {
  await statehouse('deploy', definitionFile('rest.asl.json', rest));
  const started = await statehouse('start', 'rest', '--input', '{"a": 1}');
  const executionArn = started.stdout.trim();
  expect((await statehouse('stop', executionArn, '--error', 'Enough')).exitCode).toBe(0);
  expect(JSON.parse((await statehouse('describe', executionArn, '--json')).stdout)).toMatchObject({
    status: 'ABORTED',
    error: 'Enough',
    input: '{"a": 1}',
  });
  expect((await statehouse('describe', executionArn)).stdout).toMatch(/^status +ABORTED$/m);
  expect(JSON.parse((await statehouse('list', 'rest', '--json')).stdout)).toMatchObject({
    executions: [{ executionArn }],
  });
  expect((await statehouse('list')).stdout).toMatch(/^rest +STANDARD/m);
  expect((await statehouse('history', executionArn)).stdout).toContain('● ABORTED: Enough');
  const { events } = JSON.parse((await statehouse('history', executionArn, '--json')).stdout) as {
    events: object[];
  };
  expect(events).toMatchObject([
    { id: 1, type: 'ExecutionStarted' },
    { id: 2 },
    { id: 3, type: 'ExecutionAborted' },
  ]);
});

test('an execution that fails makes start --wait fail', async () => {
  await statehouse('deploy', definitionFile('fall.asl.json', fail));
  const { exitCode, stderr } = await statehouse('start', 'fall', '--wait');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'error: the execution ended as FAILED (Fallen: gravity)\n',
  });
});

test('an execution that was stopped can be redriven; redrive --wait follows it from there on', async () => {
  await statehouse('deploy', definitionFile('nap.asl.json', nap));
  const executionArn = (await statehouse('start', 'nap')).stdout.trim();
  await statehouse('stop', executionArn);
  const run = await statehouse('redrive', executionArn, '--wait');
  expect(run.stderr).toBe('');
  expect(run.stdout.split('\n')[0]).toMatch(/↻ redriven \(1\)$/);
  expect(run.stdout).toContain(`SUCCEEDED ${executionArn}\n`);
  expect(run.exitCode).toBe(0);
  expect((await statehouse('describe', executionArn)).stdout).toMatch(/^redriven +1 time, last at /m);
  expect(await statehouse('redrive', executionArn)).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error: ExecutionNotRedrivable: Execution ${executionArn} invalid for redrive as: Execution is SUCCEEDED and cannot be redriven\n`,
  });
});

test('an execution that fails again makes redrive --wait fail', async () => {
  await statehouse('deploy', definitionFile('fall.asl.json', fail));
  await statehouse('start', 'fall', '--name', 'again', '--wait');
  const run = await statehouse('redrive', `${ARN}:execution:fall:again`, '--wait');
  expect(run.exitCode).toBe(1);
  expect(run.stdout).not.toContain('started with');
  expect(run.stderr).toBe('error: the execution ended as FAILED (Fallen: gravity)\n');
});

test("the service's errors are one line and exit code 1", async () => {
  const arn = `${ARN}:execution:none:such`;
  expect(await statehouse('describe', arn)).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error: ExecutionDoesNotExist: Execution Does Not Exist: '${arn}'\n`,
  });
  const unknown = await statehouse('start', 'nothing-of-that-name');
  expect(unknown.stderr).toMatch(/^error: There is no state machine named "nothing-of-that-name" at http/);
});

test('a server that is not there', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const { exitCode, stderr } = await runStatehouse(['list', '--endpoint', endpoint]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    new RegExp(`^error: Nothing answers at ${endpoint}/? \\(.*\\)\\. Start a server with "statehouse dev"`),
  );
});

test('a second server on the same port, or on the same data folder, says so', async () => {
  const port = String(server.port);
  const samePort = await runStatehouse(['dev', '--port', port, '--data-dir', join(folder.path, 'other')]);
  expect(samePort).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`),
  });
  const sameFolder = await runStatehouse(['dev', '--port', '0', '--data-dir', join(folder.path, 'data')]);
  expect(sameFolder).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error: .*\bin use\b/) });
});
