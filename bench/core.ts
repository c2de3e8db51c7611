/** The core alone, in memory: no journal is stored, nothing is sent. */
import {
  DEFAULT_LIMITS,
  type Execution,
  fold,
  type HistoryEvent,
  type JournalEvent,
  type Machine,
  parseDefinition,
  startedEvent,
  type Transition,
  toHistoryEvent,
  transition,
} from '../runtime/index.ts';
import type { Scenario, Size } from './scenario.ts';

export interface CoreWork {
  readonly name: string;
  readonly definition: object;
  readonly input: object;
  /** States that one execution enters. */
  readonly statesEntered: number;
}

const IDENTITY = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:core:run',
  executionName: 'run',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:core',
  stateMachineName: 'core',
  region: 'us-east-1',
  secret: 'secret',
};
const SEED = [1, 2, 3, 4] as const;
const SHOW_ALL = { includeExecutionData: true };

/** How many executions go by between two looks at the clock. */
const BATCH = 50;

/** A scenario with the metrics executionsPerSecond and transitionsPerSecond. */
export function coreScenario({ name, definition, input, statesEntered }: CoreWork): Scenario {
  const parsed = parseDefinition(JSON.stringify(definition), 'STANDARD');
  if (!parsed.ok) throw new Error(`${name}: ${JSON.stringify(parsed.diagnostics)}`);
  const { machine } = parsed;
  const text = JSON.stringify(input);
  return {
    name,
    run: async (_server, size) => {
      const run = machine.usesJsonata ? runWithJsonata : runToEnd;
      const executionsPerSecond = await rateOf(() => run(machine, text), size);
      return { executionsPerSecond, transitionsPerSecond: executionsPerSecond * statesEntered };
    },
  };
}

/** How often a second `execute` can be done, one after the other. */
export async function rateOf(execute: () => unknown, { inMemorySeconds }: Size): Promise<number> {
  const begin = performance.now();
  const end = begin + inMemorySeconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i++) {
      const pending = execute();
      if (pending instanceof Promise) await pending;
    }
    count += BATCH;
  }
  return (count * 1000) / (performance.now() - begin);
}

/** One execution from its start to its whole history, in AWS's shape. */
function runToEnd(machine: Machine, input: string): readonly HistoryEvent[] {
  const journal = [start(machine, input)];
  const execution = fold(journal);
  while (execution.status === 'RUNNING') {
    // Only machines that use JSONata answer with a promise.
    const { events } = proceed(machine, execution) as Transition;
    for (const event of events) journal.push(event);
  }
  return shown(execution, journal);
}

async function runWithJsonata(machine: Machine, input: string): Promise<readonly HistoryEvent[]> {
  const journal = [start(machine, input)];
  const execution = fold(journal);
  while (execution.status === 'RUNNING') journal.push(...(await proceed(machine, execution)).events);
  return shown(execution, journal);
}

function start(machine: Machine, input: string): JournalEvent {
  return startedEvent({
    identity: IDENTITY,
    roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    input,
    time: Date.now(),
    startAt: machine.startAt,
    timeoutSeconds: machine.timeoutSeconds,
  });
}

function proceed(machine: Machine, execution: Execution): Transition | Promise<Transition> {
  return transition(
    machine,
    execution,
    { kind: 'Proceed' },
    { time: Date.now(), seed: SEED },
    DEFAULT_LIMITS,
  );
}

function shown(execution: Execution, journal: readonly JournalEvent[]): readonly HistoryEvent[] {
  if (execution.status !== 'SUCCEEDED') throw new Error(`It ended as ${execution.status}`);
  const history: HistoryEvent[] = [];
  for (const event of journal) {
    const shownEvent = toHistoryEvent(event, SHOW_ALL);
    if (shownEvent !== undefined) history.push(shownEvent);
  }
  return history;
}
