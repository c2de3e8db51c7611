/** The whole installation, read from its database. */
import type { Instrument } from './instrument.ts';

export const INSTALLATION_INSTRUMENTS = {
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
} as const satisfies Readonly<Record<string, Instrument>>;
