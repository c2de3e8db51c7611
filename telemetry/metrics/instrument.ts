/** What an instrument is, and what tells its series apart. */

/** What tells the series of an instrument apart. Their values are bounded: docs/metrics.md. */
export const ATTRIBUTES = {
  'statehouse.state_machine.name': 'the state machine’s name',
  'statehouse.state_machine.type': '`STANDARD` or `EXPRESS`',
  'cloud.account.id': 'the account that the state machine is in',
  'cloud.region': 'its region',
  'statehouse.task.kind':
    'how a task is done: `lambda` (a function’s ARN), `activity`, `service` (any other integration)',
  'statehouse.task.resource': 'name of the function or the activity; of a service `sqs:sendMessage`',
  'rpc.method': 'operation of the API; `_OTHER`: none of them',
  'error.type': 'AWS’s name of the error; absent: there was none',
  'statehouse.driver':
    '`standard`, `express` (asynchronous), `sync` (StartSyncExecution), `nested` (likewise, as a task)',
  'statehouse.claim.outcome': '`won`; `lost`: it had nothing to do, or another worker has it; `failed`',
  'statehouse.store.call': 'what the statement does: `start`, `claim`, `append`, `park`, `signal` …',
  'statehouse.execution.state':
    '`due`: its time has come, nobody has it yet; `parked`: it waits for a time or for news; `waiting`: for a slot of its state machine, which has a cap; `owned`: a worker has it; `set_aside`: no worker takes it any more',
  'statehouse.log.destination': '`postgres`, `cloudwatch`, `otel` or `stdout`',
  'faas.name': 'name in the function map',
  'statehouse.invocation.state': '`running`; `waiting` for a thread',
  'db.client.connection.pool.name': '`statehouse`; `statehouse sql task`: of SQL tasks',
  'db.client.connection.state': '`idle` or `used`',
  'cpu.mode': '`user` or `system`',
  'v8js.heap.space.name': 'V8’s name of a part of the heap',
} as const satisfies Readonly<Record<string, string>>;

export type AttributeName = keyof typeof ATTRIBUTES;

export interface Instrument {
  /**
   * Counters only rise; up-down counters of several processes add up; gauges do not. Observed ones are read when
   * somebody collects.
   */
  readonly kind: 'counter' | 'histogram' | 'observedCounter' | 'observedUpDownCounter' | 'observedGauge';
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly AttributeName[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  readonly aws?: readonly string[];
}

/** From a Pass state to a wait of days. */
export const LONG_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400,
];
export const SHORT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
export const ENTRIES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
