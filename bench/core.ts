/** The core alone, in memory: no journal is stored, nothing is sent. */
import {
  DEFAULT_LIMITS,
  fold,
  type HistoryEvent,
  type JournalEvent,
  type Machine,
  parseDefinition,
  startedEvent,
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
      const executionsPerSecond = await rateOf(() => runToEnd(machine, text), size);
      return { executionsPerSecond, transitionsPerSecond: executionsPerSecond * statesEntered };
    },
  };
}

/** How often a second `execute` can be done, one after the other. */
export async function rateOf(execute: () => Promise<unknown>, { inMemorySeconds }: Size): Promise<number> {
  const begin = performance.now();
  const end = begin + inMemorySeconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i++) await execute();
    count += BATCH;
  }
  return (count * 1000) / (performance.now() - begin);
}

/** One execution from its start to its whole history, in AWS's shape. */
async function runToEnd(machine: Machine, input: string): Promise<readonly HistoryEvent[]> {
  const started = startedEvent({
    identity: IDENTITY,
    roleArn: 'arn:aws:iam::000000000000:role/statehouse',
    input,
    time: Date.now(),
    startAt: machine.startAt,
    timeoutSeconds: machine.timeoutSeconds,
  });
  const journal: JournalEvent[] = [started];
  const execution = fold(journal);
  while (execution.status === 'RUNNING') {
    const moment = { time: Date.now(), seed: SEED };
    const made = transition(machine, execution, { kind: 'Proceed' }, moment, DEFAULT_LIMITS);
    journal.push(...(made instanceof Promise ? await made : made).events);
  }
  if (execution.status !== 'SUCCEEDED') throw new Error(`It ended as ${execution.status}`);
  const history: HistoryEvent[] = [];
  for (const event of journal) {
    const shown = toHistoryEvent(event, SHOW_ALL);
    if (shown !== undefined) history.push(shown);
  }
  return history;
}
