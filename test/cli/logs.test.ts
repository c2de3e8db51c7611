/** `statehouse logs` against an API with records of the test's own; test/e2e/logs.test.ts has those of real executions. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { executionArn, expressArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from '../api/test-api.ts';
import { logEntry } from '../support/log-entries.ts';
import { PLACE } from '../support/place.ts';
import { type CommandResult, runStatehouse } from '../support/run-statehouse.ts';

let api: TestApi;
let endpoint: string;
beforeAll(async () => {
  api = await startTestApi();
  endpoint = (await api.api.listen({ host: '127.0.0.1', port: 0 })).url;
  await createMachine(api, 'silent', WAIT_DEFINITION);
});
afterAll(() => api.close());

function logs(...args: string[]): Promise<CommandResult> {
  return runStatehouse(['logs', ...args], { AWS_ENDPOINT_URL_SFN: endpoint });
}

const REPORTING = {
  level: 'ALL',
  destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logEntry('', 1).logGroupArn } }],
};

async function machine(name: string, type = 'STANDARD'): Promise<string> {
  const created = await api.call('CreateStateMachine', {
    name,
    type,
    definition: WAIT_DEFINITION,
    roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    loggingConfiguration: REPORTING,
  });
  return created.stateMachineArn;
}

/** What an execution logs: each an event's type, and its details. */
async function write(
  stateMachine: string,
  execution: string,
  events: readonly (readonly [type: string, details?: object])[],
  firstId = 1,
): Promise<void> {
  await api.store.logs.write(
    events.map(([type, details = {}], index) => {
      const entry = logEntry(execution, firstId + index, { ...details });
      const execution_arn = execution.startsWith('arn:')
        ? execution
        : executionArn(PLACE, stateMachine, execution);
      return {
        ...entry,
        stateMachineArn: stateMachineArn(PLACE, stateMachine),
        record: { ...entry.record, type, execution_arn },
      };
    }),
  );
}

const FAILING = [
  ['ExecutionStarted', { input: '{}' }],
  ['TaskStateEntered', { name: 'Charge' }],
  ['LambdaFunctionScheduled'],
  ['LambdaFunctionFailed', { error: 'Busy', cause: 'come back\nlater' }],
  ['ExecutionFailed', { error: 'Busy', cause: 'come back\nlater' }],
] as const;

test('an execution: a line a record, with its state and what went wrong', async () => {
  await machine('charging');
  await write('charging', 'one', FAILING);
  expect(await logs(executionArn(PLACE, 'charging', 'one'))).toEqual({
    exitCode: 0,
    stdout: `2023-11-14 22:13:20.001Z  ExecutionStarted
2023-11-14 22:13:20.002Z  TaskStateEntered          Charge
2023-11-14 22:13:20.003Z  LambdaFunctionScheduled   Charge
2023-11-14 22:13:20.004Z  LambdaFunctionFailed      Charge                          Busy: come back later
2023-11-14 22:13:20.005Z  ExecutionFailed           ${' '.repeat(30)}  Busy: come back later
`,
    stderr: '',
  });
});

test('a state machine, by name or ARN: the records of all its executions, with their names', async () => {
  const arn = await machine('shared');
  await write('shared', 'first', [['ExecutionStarted']]);
  await write('shared', expressArn(PLACE, 'shared', 'quick', 'id'), [
    ['PassStateEntered', { name: 'Greet' }],
  ]);
  const lines = `2023-11-14 22:13:20.001Z  first  ExecutionStarted
2023-11-14 22:13:20.001Z  quick  PassStateEntered          Greet
`;
  for (const name of ['shared', arn]) expect((await logs(name)).stdout).toBe(lines);
});

test('--json prints the records as they are, --limit so many, --since what was written then', async () => {
  await machine('many');
  await write('many', 'run', FAILING);
  const { stdout } = await logs('many', '--json', '--limit', '2');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    {
      id: '1',
      type: 'ExecutionStarted',
      execution_arn: executionArn(PLACE, 'many', 'run'),
      details: { input: '{}' },
    },
    { id: '2', type: 'TaskStateEntered' },
  ]);
  const { nextCursor } = await new Client(endpoint).logs({
    arn: stateMachineArn(PLACE, 'many'),
    wait: 0,
    limit: 5,
  });
  const then = new Date(Number(nextCursor) / 1000 + 1).toISOString();
  expect(await logs('many', '--since', then)).toEqual({
    exitCode: 0,
    stdout: `no logs since ${then}\n`,
    stderr: '',
  });
  expect((await logs('many', '--since', '1h', '--json')).stdout.trimEnd().split('\n')).toHaveLength(5);
});

test('all pages are read', async () => {
  await machine('long');
  await write(
    'long',
    'run',
    Array.from({ length: 2500 }, () => ['PassStateEntered'] as const),
  );
  const { stdout } = await logs(executionArn(PLACE, 'long', 'run'), '--json');
  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => Number((JSON.parse(line) as { id: string }).id));
  expect(ids).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
});

test('--follow goes on until the record of the end has come', async () => {
  await machine('followed', 'EXPRESS');
  const arn = expressArn(PLACE, 'followed', 'run', 'id');
  await write('followed', arn, [['ExecutionStarted']]);
  const hasRead = untilRead(2);
  const following = logs(arn, '--follow', '--json');
  await hasRead;
  await write('followed', arn, [['PassStateEntered'], ['ExecutionSucceeded']], 2);
  const { exitCode, stdout } = await following;
  expect([exitCode, stdout.trimEnd().split('\n').length]).toEqual([0, 3]);
});

test('--follow of an execution whose level logs no end ends with it', async () => {
  const arn = await start(api, await machine('terse'), { name: 'run' });
  const following = logs(arn, '--follow');
  await api.call('StopExecution', { executionArn: arn });
  expect(await following).toEqual({ exitCode: 0, stdout: 'no logs\n', stderr: '' });
});

test('says so where nothing is logged, and what to do', async () => {
  const arn = await start(api, stateMachineArn(PLACE, 'silent'), { name: 'run' });
  const off = { exitCode: 1, stdout: '' };
  expect(await logs(arn, '--follow')).toEqual({
    ...off,
    stderr: `error: The state machine of this execution logs nothing (level OFF): "statehouse history ${arn}" tells what happened.\n`,
  });
  const stderr =
    'error: The state machine logs nothing (level OFF): its loggingConfiguration says what it should log.\n';
  for (const silent of ['silent', expressArn(PLACE, 'silent', 'run', 'id')])
    expect(await logs(silent)).toEqual({ ...off, stderr });
});

test('what is not there, and what makes no sense', async () => {
  const arn = executionArn(PLACE, 'silent', 'none');
  expect((await logs(arn)).stderr).toBe(`error: ExecutionDoesNotExist: Execution Does Not Exist: '${arn}'\n`);
  expect((await logs('nobody')).stderr).toMatch(/^error: There is no state machine named "nobody"/);
  const { exitCode, stderr } = await logs('silent', '--since', 'yesterday');
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('expected 30s, 10m, 2h, 1d or an ISO time'),
  ]);
});

/** Resolves once logs have been read so many times. */
function untilRead(times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { read } = api.store.logs;
  let left = times;
  Object.assign(api.store.logs, {
    read: (...query: Parameters<typeof read>) => {
      if (--left === 0) resolve();
      return read(...query);
    },
  });
  return promise;
}
