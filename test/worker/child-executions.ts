/** State machines that start executions, and what became of those. */
import type { JournalEvent } from '../../runtime/index.ts';
import type { ExecutionRecord } from '../../store/execution.ts';
import { PLACE } from '../support/place.ts';
import { passes, sequence } from './small-machines.ts';
import type { World } from './world.ts';

export type Form = '' | '.sync' | '.sync:2' | '.waitForTaskToken';

/** A Task that starts executions of a state machine. */
export function starts(
  stateMachineArn: string,
  form: Form,
  more: Readonly<Record<string, unknown>> & { readonly Parameters?: object } = {},
): object {
  return {
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${form}`,
    ...more,
    Parameters: { StateMachineArn: stateMachineArn, ...more.Parameters },
  };
}

export function starter(...task: Parameters<typeof starts>): object {
  return sequence([['start', starts(...task)]]);
}

export const SHORT = passes(2);
export const FAILING = {
  StartAt: 'Fail',
  States: { Fail: { Type: 'Fail', Error: 'Bad', Cause: 'It broke' } },
};
/** Ends in a year. */
export const LONG = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 31_536_000, End: true } } };

/** All executions of a state machine, oldest first. */
export async function executionsOf(world: World, stateMachineArn: string): Promise<ExecutionRecord[]> {
  const machineName = stateMachineArn.split(':').at(-1) ?? '';
  const machine = await world.store.stateMachines.find(PLACE, machineName);
  const page = { status: undefined, limit: 1000, after: undefined };
  const summaries = await world.store.executions.list({ stateMachineId: machine?.id ?? '', ...page });
  const records = await Promise.all(
    summaries.map(({ name }) => world.store.executions.find(PLACE, machineName, name)),
  );
  return records.filter((record) => record !== undefined).toReversed();
}

export function typesOf(journal: readonly JournalEvent[]): string[] {
  return journal.filter(({ id }) => id > 0).map(({ type }) => type);
}

/** The details of the first event of a type. */
export function detailsOf(
  journal: readonly JournalEvent[],
  type: JournalEvent['type'],
): Record<string, unknown> {
  const event = journal.find((candidate) => candidate.type === type);
  if (event === undefined) throw new Error(`There is no ${type} in ${typesOf(journal).join(', ')}`);
  return event.details as Record<string, unknown>;
}
