/**
 * What the same work costs when there is more of it around: in the tables, in an execution's history, in a Map. A cost that
 * grows shows as figures that differ.
 */
import { chain } from '../chain.ts';
import { idleLatency } from '../latency.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import { millionExecutions, noExecutions, type Tables } from '../million-executions.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

const CLIENTS = 100;
const STATES = 10;

/** Turns in which each of two has its time. */
const TURNS = 2;

/** Metric: transitions a second, of ten Pass states by 100 clients: with a million executions in the tables, and without. */
export const growthOfTables: Scenario = {
  name: 'growth-tables',
  async run(server, { loadSeconds }) {
    const tables = { Beside1000000: await millionExecutions(server), Empty: await noExecutions(server) };
    const rates: Record<string, number[]> = {};
    for (let turn = 0; turn < TURNS; turn++)
      for (const [name, where] of Object.entries(tables)) {
        rates[name] ??= [];
        rates[name].push(await transitionsPerSecond(where, loadSeconds / TURNS));
      }
    return Object.fromEntries(
      Object.entries(rates).map(([name, values]) => [`transitionsPerSecond${name}`, percentile(values, 50)]),
    );
  },
};

async function transitionsPerSecond({ installation, passArn }: Tables, seconds: number): Promise<number> {
  const { callsPerSecond } = await putUnderLoad({
    endpoint: installation.api.url,
    operation: 'StartExecution',
    input: { stateMachineArn: passArn, input: '{}' },
    awaited: true,
    connections: CLIENTS,
    seconds,
  });
  return callsPerSecond * STATES;
}

/** Rounds of a loop, of four events each, and the events of its history. */
const LOOPS = { 1000: 248, 5000: 1248, 25000: 6248 };

/** Metrics: microseconds per event, of histories of so many. */
export const growthOfHistory: Scenario = {
  name: 'growth-history',
  async run(server, { oneAtATime }) {
    const { installation } = await noExecutions(server);
    const stateMachineArn = await newMachine(installation, 'loop', {
      StartAt: 'Enough',
      States: {
        Enough: {
          Type: 'Choice',
          Choices: [{ Variable: '$.count', NumericLessThanPath: '$.rounds', Next: 'Count' }],
          Default: 'Done',
        },
        Count: {
          Type: 'Pass',
          Parameters: { 'count.$': 'States.MathAdd($.count, 1)', 'rounds.$': '$.rounds' },
          Next: 'Enough',
        },
        Done: { Type: 'Succeed' },
      },
    });
    const measured: Record<string, number> = {};
    for (const [events, rounds] of Object.entries(LOOPS)) {
      const start = { stateMachineArn, input: JSON.stringify({ count: 0, rounds }) };
      const { latencyMsP50 = Number.NaN } = await idleLatency(installation.api.url, start, fewer(oneAtATime));
      measured[`microsecondsPerEvent${events}`] = (latencyMsP50 * 1000) / Number(events);
    }
    return measured;
  },
};

/** A history holds 25,000 events, so 6000 items of four; an Express execution has no such limit. */
const ITEMS = { STANDARD: [1, 100, 6000], EXPRESS: [1, 100, 10_000] } as const;

/** Metrics: microseconds per item, of Maps of so many with a Pass state each. */
export const growthOfMap: Scenario = {
  name: 'growth-map',
  async run(server, { oneAtATime }) {
    const { installation } = await noExecutions(server);
    const map = chain(1, {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } },
      ResultPath: null,
    });
    const endpoint = installation.api.url;
    const measured: Record<string, number> = {};
    for (const type of ['STANDARD', 'EXPRESS'] as const) {
      const stateMachineArn = await newMachine(installation, 'map', map, type);
      for (const items of ITEMS[type]) {
        const start = { stateMachineArn, input: JSON.stringify(Array(items).fill(0)) };
        const calls = fewer(oneAtATime);
        const { latencyMsP50 = Number.NaN }: Measured =
          type === 'STANDARD'
            ? await idleLatency(endpoint, start, calls)
            : {
                ...(await putUnderLoad({
                  endpoint,
                  operation: 'StartSyncExecution',
                  input: start,
                  connections: 1,
                  calls,
                })),
              };
        measured[`${type.toLowerCase()}MicrosecondsPerItem${items}`] = (latencyMsP50 * 1000) / items;
      }
    }
    return measured;
  },
};

/** Executions that take as long as thousands of others. */
function fewer(executions: number): number {
  return Math.ceil(executions / 10);
}
