/**
 * What traces (of every tenth execution) and metrics cost, of the synchronous Express executions of an API process. Two
 * processes, one with and one without, are put under load in turns: a machine that slows down slows both.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RoleProcess } from '../../test/support/role-process.ts';
import { chain } from '../chain.ts';
import { putUnderLoad, WARM_UP_SECONDS } from '../load.ts';
import { newMachine } from '../machine.ts';
import { startRole } from '../role-process.ts';
import type { Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';

/** Metrics: executionsPerSecond with and without, and what share of them watching costs, in percent. */
export const telemetryCost: Scenario = { name: 'telemetry-cost', run };

const TURNS = 4;

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Record<string, number>> {
  const stateMachineArn = await newMachine(server, 'telemetry-cost', chain(10, { Type: 'Pass' }), 'EXPRESS');
  await using collector = await startCollector();
  const without = await startRole('api', server.databaseUrl, { OTEL_SDK_DISABLED: 'true' });
  const watched = await startRole('api', server.databaseUrl, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
  });
  const rate = async ({ url: endpoint }: RoleProcess, seconds: number): Promise<number> => {
    const load = { endpoint, operation: 'StartSyncExecution', input: { stateMachineArn } };
    return (await putUnderLoad({ ...load, seconds })).callsPerSecond;
  };
  try {
    const sums = { without: 0, watched: 0 };
    for (const api of [without, watched]) await rate(api, WARM_UP_SECONDS);
    for (let turn = 0; turn < TURNS; turn++) {
      sums.without += await rate(without, loadSeconds / TURNS);
      sums.watched += await rate(watched, loadSeconds / TURNS);
    }
    return {
      executionsPerSecondWithout: sums.without / TURNS,
      executionsPerSecondWatched: sums.watched / TURNS,
      costPercent: (1 - sums.watched / sums.without) * 100,
    };
  } finally {
    await Promise.all([without.end(), watched.end()]);
  }
}

/** Takes what is exported, and forgets it. */
async function startCollector(): Promise<{ readonly url: string } & AsyncDisposable> {
  const collector = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  return {
    url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      collector.closeAllConnections();
      collector.close();
    },
  };
}
