/** The AWS CLI, where it is installed. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { untilEnded } from '../support/executions.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const installed = spawnSync('aws', ['--version']).status === 0;
const definition = JSON.stringify({ StartAt: 'Echo', States: { Echo: { Type: 'Pass', End: true } } });

describe.skipIf(!installed)(installed ? 'AWS CLI' : 'AWS CLI (skipped: no "aws" on the PATH)', () => {
  const folder = temporaryFolder();
  let server: ServerProcess;

  beforeAll(async () => {
    server = await ServerProcess.start({ dataDir: folder.path, env: { LOG_LEVEL: 'error' } });
  });

  afterAll(async () => {
    await server.stop();
    folder[Symbol.dispose]();
  });

  /** Runs `aws stepfunctions …` and parses its answer. */
  async function aws(operation: string, ...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(
      'aws',
      ['stepfunctions', operation, ...args, '--output', 'json'],
      {
        env: {
          PATH: process.env.PATH,
          HOME: folder.path,
          AWS_ENDPOINT_URL: server.url,
          AWS_REGION: 'us-east-1',
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'any',
          AWS_SECRET_ACCESS_KEY: 'any',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      },
    );
    return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  test('runs a workflow from its creation to its history', async () => {
    const role = ['--role-arn', 'arn:aws:iam::000000000000:role/statehouse'];
    const created = await aws('create-state-machine', '--name', 'echo', '--definition', definition, ...role);
    const machine = ['--state-machine-arn', String(created.stateMachineArn)];
    const { executionArn } = await aws('start-execution', ...machine, '--input', '{"say":"hello"}');
    const execution = ['--execution-arn', String(executionArn)];
    await untilEnded(new Client(server.url), String(executionArn));

    expect(await aws('describe-execution', ...execution)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"say":"hello"}',
    });
    const history = await aws('get-execution-history', ...execution);
    expect(history.events).toMatchObject([
      { id: 1 },
      { id: 2 },
      { id: 3 },
      { id: 4, type: 'ExecutionSucceeded' },
    ]);
    expect((await aws('list-executions', ...machine)).executions).toMatchObject([{ executionArn }]);
  });
});
