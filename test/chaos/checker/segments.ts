import type { HistoryEvent } from '../../../cli/client.ts';

/** The events from a start or a redrive to the end that follows. */
export interface Segment {
  readonly events: readonly HistoryEvent[];
  /** Undefined: it goes on. */
  readonly end: HistoryEvent | undefined;
}

const END = /^Execution(Succeeded|Failed|TimedOut|Aborted)$/;

/** The lives of an execution, one more each time it was redriven. */
export function segmentsOf(events: readonly HistoryEvent[]): Segment[] {
  const starts = events.flatMap(({ type }, index) =>
    index === 0 || type === 'ExecutionRedriven' ? [index] : [],
  );
  return starts.map((start, n) => {
    const own = events.slice(start, starts[n + 1]);
    return { events: own, end: own.find(({ type }) => END.test(type)) };
  });
}

/** The life that an event belongs to. */
export function segmentOf(events: readonly HistoryEvent[], event: HistoryEvent): Segment | undefined {
  return segmentsOf(events).find((segment) => segment.events.includes(event));
}

/** A status as the end event says it. */
export const STATUS_OF: Readonly<Record<string, string>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};
