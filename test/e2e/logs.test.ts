/** What executions log, from the server that runs them to `statehouse logs`. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import type { LogRecord } from '../../telemetry/logs/log-record.ts';
import {
  createStateMachine,
  historyOf,
  logging,
  startExecution,
  untilEnded,
  untilEvent,
} from '../support/executions.ts';
import { type CommandResult, runStatehouse } from '../support/run-statehouse.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DEFINITION = {
  StartAt: 'Greet',
  States: {
    Greet: { Type: 'Pass', Result: 'hello', Next: 'Rest' },
    Rest: { Type: 'Wait', Seconds: 1, Next: 'Fall' },
    Fall: { Type: 'Fail', Error: 'Fallen', Cause: 'gravity' },
  },
};

const folder = temporaryFolder();
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: join(folder.path, 'data'), env: { LOG_LEVEL: 'error' } });
  client = new Client(server.url);
});

afterAll(async () => {
  await server.stop();
  folder[Symbol.dispose]();
});

function logs(...args: string[]): Promise<CommandResult> {
  return runStatehouse(['logs', ...args], { AWS_ENDPOINT_URL_SFN: server.url });
}

function records({ stdout }: CommandResult): LogRecord[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogRecord);
}

test('a Standard execution is followed to its end: its history, as records', async () => {
  const executionArn = await startExecution(
    client,
    await createStateMachine(client, 'standard', DEFINITION, logging('ALL')),
  );
  const followed = await logs(executionArn, '--follow', '--json');
  expect(followed).toMatchObject({ exitCode: 0, stderr: '' });
  const history = await historyOf(client, executionArn);
  const logged = records(followed);
  expect(logged.map(({ id, type }) => [Number(id), type])).toEqual(history.map(({ id, type }) => [id, type]));
  expect(new Set(logged.map(({ execution_arn }) => execution_arn))).toEqual(new Set([executionArn]));
  const { stdout } = await logs('standard');
  expect(stdout).toMatch(/Z {2}[0-9a-f-]{36} {2}PassStateEntered +Greet$/m);
  expect(stdout).toMatch(/ExecutionFailed +Fallen: gravity$/m);
});

test('an execution that is stopped logs that too', async () => {
  const rest = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };
  const machine = await createStateMachine(client, 'stopped', rest, logging('ALL'));
  const executionArn = await startExecution(client, machine);
  await untilEvent(client, executionArn, 'WaitStateEntered');
  await client.call('StopExecution', { executionArn, error: 'Enough' });
  const { stdout } = await logs(executionArn, '--follow');
  expect(stdout).toMatch(/WaitStateEntered +Rest\n.*ExecutionAborted +Enough\n$/);
});

test('an Express execution has no history but its logs', async () => {
  const executionArn = await startExecution(
    client,
    await createStateMachine(client, 'express', DEFINITION, {
      type: 'EXPRESS',
      ...logging('ALL'),
    }),
  );
  const followed = await logs(executionArn, '--follow');
  expect(followed).toMatchObject({ exitCode: 0, stderr: '' });
  const lines = followed.stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
    ['ExecutionStarted'],
    ['PassStateEntered', 'Greet'],
    ['PassStateExited', 'Greet'],
    ['WaitStateEntered', 'Rest'],
    ['WaitStateExited', 'Rest'],
    ['FailStateEntered', 'Fall'],
    ['ExecutionFailed', 'Fallen: gravity'],
  ]);
});

test('a level that logs failures only leaves the others out', async () => {
  const stateMachineArn = await createStateMachine(client, 'failures', DEFINITION, logging('FATAL'));
  const executionArn = await startExecution(client, stateMachineArn);
  await untilEnded(client, executionArn);
  expect(records(await logs(executionArn, '--follow', '--json')).map(({ type }) => type)).toEqual([
    'ExecutionFailed',
  ]);
});
