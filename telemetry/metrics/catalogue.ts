/**
 * Every instrument there is: all code that measures names one of these, and docs/metrics.md, the dashboard and the
 * alerts are held against them. Names and units are OpenTelemetry's way (UCUM); `aws` is the metric of AWS/States that
 * an instrument stands for.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */

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

const OF_MACHINE = [
  'statehouse.state_machine.name',
  'statehouse.state_machine.type',
  'cloud.account.id',
  'cloud.region',
] as const;
const OF_TASK = ['statehouse.task.kind', 'statehouse.task.resource'] as const;

/** From a Pass state to a wait of days. */
const LONG_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400,
];
const SHORT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ENTRIES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

function executions<const Attributes extends readonly AttributeName[]>(
  description: string,
  aws: string,
  attributes: Attributes,
) {
  return { kind: 'counter', unit: '{execution}', description, attributes, aws: [aws] } as const;
}

/** A metric that AWS has once for each kind of task. */
function tasks(description: string, ...aws: string[]) {
  return { kind: 'counter', unit: '{attempt}', description, attributes: OF_TASK, aws } as const;
}

function taskTime(description: string, ...aws: string[]) {
  return {
    kind: 'histogram',
    unit: 's',
    description,
    attributes: OF_TASK,
    buckets: LONG_SECONDS,
    aws,
  } as const;
}

function delay(which: string) {
  return {
    kind: 'observedGauge',
    unit: 's',
    description: `Event loop: ${which} delay since the last collection`,
    attributes: [],
  } as const;
}

export const CATALOGUE = {
  // ---------------------------------------------------------------- AWS/States: executions
  'statehouse.executions.started': executions('Executions started', 'ExecutionsStarted', OF_MACHINE),
  'statehouse.executions.succeeded': executions(
    'Executions that succeeded',
    'ExecutionsSucceeded',
    OF_MACHINE,
  ),
  'statehouse.executions.failed': executions('Executions that failed', 'ExecutionsFailed', OF_MACHINE),
  'statehouse.executions.timed_out': executions(
    'Executions that timed out',
    'ExecutionsTimedOut',
    OF_MACHINE,
  ),
  'statehouse.executions.aborted': executions(
    'Executions that were stopped',
    'ExecutionsAborted',
    OF_MACHINE,
  ),
  'statehouse.executions.redriven': executions('Redrives of executions', 'ExecutionsRedriven', OF_MACHINE),
  'statehouse.redriven_executions.succeeded': executions(
    'Executions that succeeded after a redrive; counted among all that succeeded too, as with the next three',
    'RedrivenExecutionsSucceeded',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.failed': executions(
    'Executions that failed after a redrive',
    'RedrivenExecutionsFailed',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.timed_out': executions(
    'Executions that timed out after a redrive',
    'RedrivenExecutionsTimedOut',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.aborted': executions(
    'Executions that were stopped after a redrive',
    'RedrivenExecutionsAborted',
    OF_MACHINE,
  ),
  'statehouse.execution.time': {
    kind: 'histogram',
    unit: 's',
    description: 'From an execution’s start to its end',
    attributes: OF_MACHINE,
    buckets: LONG_SECONDS,
    aws: ['ExecutionTime'],
  },
  'statehouse.executions.throttled': executions(
    'Starts and redrives that were answered ThrottlingException. AWS counts state transitions that it holds back; no state transition is held back here',
    'ExecutionThrottled',
    ['rpc.method'],
  ),

  // ---------------------------------------------------------------- AWS/States: tasks
  'statehouse.tasks.scheduled': tasks(
    'Attempts scheduled',
    'LambdaFunctionsScheduled',
    'ServiceIntegrationsScheduled',
    'ActivitiesScheduled',
  ),
  'statehouse.tasks.started': tasks(
    'Attempts started',
    'LambdaFunctionsStarted',
    'ServiceIntegrationsStarted',
    'ActivitiesStarted',
  ),
  'statehouse.tasks.succeeded': tasks(
    'Attempts that succeeded',
    'LambdaFunctionsSucceeded',
    'ServiceIntegrationsSucceeded',
    'ActivitiesSucceeded',
  ),
  'statehouse.tasks.failed': tasks(
    'Attempts that failed, also those that could not be scheduled or started',
    'LambdaFunctionsFailed',
    'ServiceIntegrationsFailed',
    'ActivitiesFailed',
  ),
  'statehouse.tasks.timed_out': tasks(
    'Attempts that met TimeoutSeconds',
    'LambdaFunctionsTimedOut',
    'ServiceIntegrationsTimedOut',
    'ActivitiesTimedOut',
  ),
  'statehouse.tasks.heartbeat_timed_out': tasks(
    'Attempts whose heartbeat stayed away for HeartbeatSeconds',
    'ActivitiesHeartbeatTimedOut',
  ),
  'statehouse.task.schedule_time': taskTime(
    'From the schedule of an attempt to its start',
    'LambdaFunctionScheduleTime',
    'ServiceIntegrationScheduleTime',
    'ActivityScheduleTime',
  ),
  'statehouse.task.run_time': taskTime(
    'From the start of an attempt to its end',
    'LambdaFunctionRunTime',
    'ServiceIntegrationRunTime',
    'ActivityRunTime',
  ),
  'statehouse.task.time': taskTime(
    'From the schedule of an attempt to its end',
    'LambdaFunctionTime',
    'ServiceIntegrationTime',
    'ActivityTime',
  ),

  // ---------------------------------------------------------------- AWS/States: the API
  'statehouse.api.request.duration': {
    kind: 'histogram',
    unit: 's',
    description:
      'Requests to the API, also those that wait (GetActivityTask); its count is that of the requests',
    attributes: ['rpc.method', 'error.type'],
    buckets: SHORT_SECONDS,
    aws: ['ConsumedCapacity'],
  },
  'statehouse.api.requests.throttled': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests that were answered ThrottlingException, for whatever reason',
    attributes: ['rpc.method'],
    aws: ['ThrottledEvents'],
  },

  // ---------------------------------------------------------------- this process
  'statehouse.executions.alive': {
    kind: 'observedUpDownCounter',
    unit: '{execution}',
    description: 'Executions in the memory of this process',
    attributes: ['statehouse.driver'],
  },
  'statehouse.claims': {
    kind: 'counter',
    unit: '{claim}',
    description: 'Claims of Standard executions by this worker',
    attributes: ['statehouse.claim.outcome'],
  },
  'statehouse.reconciler.dead_workers': {
    kind: 'counter',
    unit: '{worker}',
    description: 'Workers that this one has taken for dead',
    attributes: [],
  },
  'statehouse.reconciler.rescued': {
    kind: 'counter',
    unit: '{execution}',
    description: 'Executions of dead workers that this one has given back to the queue',
    attributes: [],
  },
  'statehouse.store.batch.size': {
    kind: 'histogram',
    unit: '{entry}',
    description: 'Entries in a batch of the group commit',
    attributes: ['statehouse.store.call'],
    buckets: ENTRIES,
  },
  'statehouse.store.batch.duration': {
    kind: 'histogram',
    unit: 's',
    description:
      'From sending a batch to its answer, with the repetitions during an outage. An entry waits for its own batch, and at most for those two that are under way before it',
    attributes: ['statehouse.store.call'],
    buckets: SHORT_SECONDS,
  },
  'statehouse.function.invocations': {
    kind: 'observedUpDownCounter',
    unit: '{invocation}',
    description: 'Invocations of handlers in threads of this process',
    attributes: ['faas.name', 'statehouse.invocation.state'],
  },
  'statehouse.logs.written': {
    kind: 'observedCounter',
    unit: '{record}',
    description: 'Log records of executions that have reached their destination',
    attributes: ['statehouse.log.destination'],
  },
  'statehouse.logs.dropped': {
    kind: 'observedCounter',
    unit: '{record}',
    description: 'Log records that were lost: the buffer was full, or the destination did not take them',
    attributes: ['statehouse.log.destination'],
  },
  'statehouse.logs.buffered': {
    kind: 'observedUpDownCounter',
    unit: '{record}',
    description: 'Log records on their way',
    attributes: ['statehouse.log.destination'],
  },
  'db.client.connection.count': {
    kind: 'observedUpDownCounter',
    unit: '{connection}',
    description: 'Postgres connections of the store’s pool',
    attributes: ['db.client.connection.pool.name', 'db.client.connection.state'],
  },
  'db.client.connection.max': {
    kind: 'observedUpDownCounter',
    unit: '{connection}',
    description: 'How many it may have',
    attributes: ['db.client.connection.pool.name'],
  },
  'db.client.connection.pending_requests': {
    kind: 'observedUpDownCounter',
    unit: '{request}',
    description: 'Statements that wait for one of them',
    attributes: ['db.client.connection.pool.name'],
  },

  // ---------------------------------------------------------------- the whole installation, read from its database
  'statehouse.installation.jobs': {
    kind: 'observedGauge',
    unit: '{job}',
    description: 'Jobs that no worker has fetched; at most 10001 are counted',
    attributes: [],
  },
  'statehouse.installation.jobs.age': {
    kind: 'observedGauge',
    unit: 's',
    description: 'For how long the one whose turn is next has been ready; 0: there is none',
    attributes: [],
  },
  'statehouse.installation.executions': {
    kind: 'observedGauge',
    unit: '{execution}',
    description:
      'Open executions. Up to 10000 they are counted; what is parked beyond that is Postgres’s estimate, of the rest 10001 are shown',
    attributes: ['statehouse.state_machine.type', 'statehouse.execution.state'],
  },
  'statehouse.installation.executions.age': {
    kind: 'observedGauge',
    unit: 's',
    description:
      'For how long the oldest due execution has been due (EXPRESS: the one whose turn is next); 0: there is none',
    attributes: ['statehouse.state_machine.type'],
  },
  'statehouse.installation.slot_wait': {
    kind: 'observedGauge',
    unit: 's',
    description:
      'How long the execution that has waited longest for a slot of its state machine, which has a cap, has been open; 0: there is none',
    attributes: [],
  },
  'statehouse.installation.activity_tasks': {
    kind: 'observedGauge',
    unit: '{task}',
    description: 'Tasks of activities that no activity worker has taken; at most 10001 are counted',
    attributes: [],
  },
  'statehouse.installation.workers': {
    kind: 'observedGauge',
    unit: '{worker}',
    description: 'Workers that are registered',
    attributes: [],
  },
  'statehouse.installation.workers.heartbeat_age': {
    kind: 'observedGauge',
    unit: 's',
    description: 'Age of the oldest of their last heartbeats; 0: there is no worker',
    attributes: [],
  },

  // ---------------------------------------------------------------- Node, by OpenTelemetry's semantic conventions
  'nodejs.eventloop.delay.p50': delay('median'),
  'nodejs.eventloop.delay.p99': delay('99th percentile of the'),
  'nodejs.eventloop.delay.max': delay('longest'),
  'nodejs.eventloop.utilization': {
    kind: 'observedGauge',
    unit: '1',
    description: 'Part of the time since the last collection in which the event loop was busy',
    attributes: [],
  },
  'v8js.memory.heap.used': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Heap in use',
    attributes: ['v8js.heap.space.name'],
  },
  'v8js.memory.heap.limit': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Heap allocated',
    attributes: ['v8js.heap.space.name'],
  },
  'process.memory.usage': {
    kind: 'observedUpDownCounter',
    unit: 'By',
    description: 'Physical memory in use',
    attributes: [],
  },
  'process.cpu.time': {
    kind: 'observedCounter',
    unit: 's',
    description: 'Time on a CPU, of all threads',
    attributes: ['cpu.mode'],
  },
  'process.uptime': { kind: 'observedGauge', unit: 's', description: 'Age of the process', attributes: [] },
} as const satisfies Readonly<Record<string, Instrument>>;

type Catalogue = typeof CATALOGUE;
type NamesOf<Kind extends Instrument['kind']> = {
  [Name in keyof Catalogue]: Catalogue[Name]['kind'] extends Kind ? Name : never;
}[keyof Catalogue];

export type InstrumentName = keyof Catalogue;
export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type ObservedName = NamesOf<'observedCounter' | 'observedUpDownCounter' | 'observedGauge'>;

/** The attributes of an instrument's measurements, and no others. */
export type AttributesOf<Name extends InstrumentName> = Readonly<
  Partial<Record<Catalogue[Name]['attributes'][number], string>>
>;
