/** What a million parked executions cost those that run: nothing, if all goes well. */
import { type Installation, residentMb } from '../installation.ts';
import { idleLatency } from '../latency.ts';
import { putUnderLoad } from '../load.ts';
import { millionExecutions, noExecutions, type Tables } from '../million-executions.ts';
import { query } from '../own-databases.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

/** Blocks in turns with and without the million, so that a machine that slows down slows both. */
const TURNS = 4;

/**
 * Metrics, each also without the million (`…Empty`): startMsP50 of StartExecution, one call after the other; latencyMsP50
 * until the result of ten Pass states; the memory of the worker that runs them. And the size of the database with the million.
 */
export const parked1000000: Scenario = {
  name: 'parked-1000000',
  async run(server, { oneAtATime }) {
    const million = await millionExecutions(server);
    const empty = await noExecutions(server);
    const beside = new Starts(million);
    const alone = new Starts(empty);
    for (let turn = 0; turn < TURNS; turn++)
      for (const starts of [alone, beside]) await starts.measure(Math.ceil(oneAtATime / TURNS));
    return { ...beside.measured(''), ...alone.measured('Empty'), databaseMb: await sizeMb(million) };
  },
};

/** An installation, and how fast it takes starts. */
class Starts {
  readonly #installation: Installation;
  readonly #stateMachineArn: string;
  readonly #startsMs: number[] = [];
  readonly #latenciesMs: number[] = [];

  constructor({ installation, passArn }: Tables) {
    this.#installation = installation;
    this.#stateMachineArn = passArn;
  }

  async measure(calls: number): Promise<void> {
    const { url: endpoint } = this.#installation.api;
    const input = { stateMachineArn: this.#stateMachineArn, input: '{}' };
    const load = { endpoint, operation: 'StartExecution', input, connections: 1, calls };
    this.#startsMs.push((await putUnderLoad(load)).latencyMsP50);
    this.#latenciesMs.push((await idleLatency(endpoint, input, calls)).latencyMsP50 ?? Number.NaN);
  }

  measured(suffix: string): Record<string, number> {
    return {
      [`startMsP50${suffix}`]: percentile(this.#startsMs, 50),
      [`latencyMsP50${suffix}`]: percentile(this.#latenciesMs, 50),
      [`workerRssMb${suffix}`]: residentMb(this.#installation.worker),
    };
  }
}

async function sizeMb({ databaseUrl }: Tables): Promise<number> {
  const [row] = await query<{ mb: number }>(
    databaseUrl,
    'select pg_database_size(current_database())::float8 / 1e6 as mb',
  );
  return row?.mb ?? Number.NaN;
}
