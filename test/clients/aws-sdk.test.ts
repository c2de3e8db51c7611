/** Every operation by the official JavaScript client, against a server process that asks who calls. */
import type { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { activities } from './aws-sdk/activities.ts';
import { credentials } from './aws-sdk/credentials.ts';
import { executions } from './aws-sdk/executions.ts';
import { mapRuns } from './aws-sdk/map-runs.ts';
import { retries } from './aws-sdk/retries.ts';
import { connect, untriedCommands } from './aws-sdk/sdk.ts';
import { stateMachines } from './aws-sdk/state-machines.ts';
import { tags } from './aws-sdk/tags.ts';
import { testState } from './aws-sdk/test-state.ts';
import { versionsAndAliases } from './aws-sdk/versions-and-aliases.ts';
import { type ClientServer, startClientServer } from './client-server.ts';

let server: ClientServer;
let client: SFNClient;
beforeAll(async () => {
  server = await startClientServer({ STATEHOUSE_AUTH: 'sigv4', STATEHOUSE_THROTTLE: 'on' });
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  // "sync-127.0.0.1" leads nowhere.
  client = connect({ disableHostPrefix: true });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const sfn = () => client;
describe('state machines', () => stateMachines(sfn));
describe('versions and aliases', () => versionsAndAliases(sfn));
describe('executions', () => executions(sfn));
describe('activities', () => activities(sfn));
describe('tags', () => tags(sfn));
describe('map runs', () => mapRuns(sfn, () => server.databaseUrl));
describe('TestState', () => testState(sfn));
describe('credentials', credentials);
describe('retries', retries);

test('every command of the client has a test', () => {
  expect(untriedCommands()).toEqual([]);
});
