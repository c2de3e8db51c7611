/** Every operation by boto3, where it is installed, against a server process that asks who calls. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createStateMachine } from '../support/executions.ts';
import { startClientServer } from './client-server.ts';
import { REST } from './definitions.ts';
import { addMapRun } from './map-run-row.ts';

const SCRIPT = fileURLToPath(new URL('boto3_operations.py', import.meta.url));
const python = ['python3', '/usr/bin/python3'].find(
  (path) => spawnSync(path, ['-c', 'import boto3']).status === 0,
);

test.skipIf(python === undefined)(
  python === undefined ? 'boto3 (skipped: no python3 has it)' : 'boto3: every operation of the client',
  async () => {
    const server = await startClientServer({ STATEHOUSE_AUTH: 'sigv4' });
    try {
      const stateMachineArn = await createStateMachine(server.client, 'mapping', JSON.parse(REST));
      await server.client.call('StartExecution', { stateMachineArn, name: 'mapping' });
      const mapRunArn = await addMapRun(server.databaseUrl, 'mapping');
      const { stdout } = await promisify(execFile)(String(python), [SCRIPT, mapRunArn], {
        env: { PATH: process.env.PATH, ...server.env },
      });
      expect(JSON.parse(stdout)).toEqual([]);
    } finally {
      await server.close();
    }
  },
);
