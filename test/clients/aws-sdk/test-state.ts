import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import { InvalidDefinition, type SFNClient, TestStateCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { ROLE_ARN } from '../definitions.ts';
import { connect, expectError } from './sdk.ts';

const definition = JSON.stringify({ Type: 'Pass', Result: { hello: 'world' }, Next: 'After' });

export function testState(sfn: () => SFNClient): void {
  test('a state is tried', async () => {
    const command = new TestStateCommand({ definition, roleArn: ROLE_ARN, inspectionLevel: 'DEBUG' });
    expect(await sfn().send(command)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"hello":"world"}',
      nextState: 'After',
      inspectionData: { result: '{"hello":"world"}' },
    });
    const bad = new TestStateCommand({ definition: '{"Type":"Nothing"}', roleArn: ROLE_ARN });
    await expectError(sfn().send(bad), InvalidDefinition);
  });

  test('a client that puts sync- before the host is served where that name leads here', async () => {
    const lookup: LookupFunction = (_name, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);
    const endpoint = String(process.env.AWS_ENDPOINT_URL_SFN).replace('127.0.0.1', 'localhost');
    const prefixing = connect({ endpoint, requestHandler: { httpAgent: new Agent({ lookup }) } });
    const hosts: string[] = [];
    prefixing.middlewareStack.add(
      (next) => async (request) => {
        hosts.push((request.request as { hostname: string }).hostname);
        return next(request);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const command = new TestStateCommand({ definition, roleArn: ROLE_ARN });
    expect(await prefixing.send(command)).toMatchObject({ status: 'SUCCEEDED' });
    expect(hosts).toEqual(['sync-localhost']);
    prefixing.destroy();
  });
}
