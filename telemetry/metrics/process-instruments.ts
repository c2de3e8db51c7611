/** What a process of ours does. */
import { ENTRIES, type Instrument, LONG_SECONDS, SHORT_SECONDS } from './instrument.ts';

export const PROCESS_INSTRUMENTS = {
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
  'statehouse.timers.lateness': {
    kind: 'histogram',
    unit: 's',
    description:
      'Waits, delays of retries and timeouts of Standard executions: from when they were due until what follows was durable',
    attributes: [],
    buckets: LONG_SECONDS,
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
} as const satisfies Readonly<Record<string, Instrument>>;
