/**
 * The spans of any execution: the same whoever has run which part of it, each once, and a tree; nothing that begins is
 * left open, whatever ends the execution and however often it is redriven.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExecutionSpan, JournalEvent } from '../../runtime/index.ts';
import { decodeAll, Run, type TaskAnswer } from '../support/in-memory-run.ts';
import { answerTo, randomAnswers, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';
import { spansOf } from '../support/span-replay.ts';

const LIMITS = { maxHistoryEvents: 300 };
const TIMEOUT_MS = patience(60_000);

/** Runs that are stopped and redriven a few times, or not at all. */
const stops = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 });

async function disturbedRun(
  definition: object,
  input: string,
  answers: readonly TaskAnswer[],
  stops: readonly number[],
): Promise<Run> {
  const tasks = ({ input }: { input: { text: string } }) => answerTo(input.text, answers);
  const run = new Run(definition, { input, tasks, limits: LIMITS });
  for (const triggers of stops) {
    await run.toEnd(triggers);
    if (run.execution.status === 'SUCCEEDED') return run;
    if (run.execution.status === 'RUNNING') run.stop();
    if (run.execution.lastEventId >= LIMITS.maxHistoryEvents) return run;
    run.redrive();
  }
  await run.toEnd();
  return run;
}

function property(check: (run: Run, spans: readonly ExecutionSpan[]) => void) {
  return fc.asyncProperty(randomMachines(), randomAnswers, stops, async (machine, answers, stops) => {
    const run = await disturbedRun(machine.definition, machine.input, answers, stops);
    check(run, spansOf(run.machine, run.journal));
  });
}

test(
  'who has run which part of an execution makes no difference',
  async () => {
    await fc.assert(
      property(({ machine, journal }, spans) => {
        expect(spansOf(machine, decodeAll(journal), () => true)).toEqual(spans);
      }),
      { numRuns: runs(150) },
    );
  },
  TIMEOUT_MS,
);

test(
  'what begins ends once, in each of the runs that it was open in',
  async () => {
    await fc.assert(
      property(({ journal }, spans) => {
        expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length);
        expect(idsOf(spans, 'state')).toEqual(eventIds(journal, /StateEntered$/));
        expect(idsOf(spans, 'attempt')).toEqual(eventIds(journal, /Scheduled$/));
        expect(idsOf(spans, 'iteration')).toEqual(eventIds(journal, /^MapIterationStarted$/));
        expect(idsOf(spans, 'execution')).toEqual(eventIds(journal, /^Execution(Started|Redriven)$/));
        expect(idsOf(spans, 'retry-wait')).toEqual(retriedEventIds(journal));
        expect(spans.filter(({ kind }) => kind === 'attempt')).toHaveLength(
          eventIds(journal, /Scheduled$/).size,
        );
        if (!journal.some(({ type }) => type === 'ExecutionRedriven'))
          expect(spans.filter(({ kind }) => kind === 'state')).toHaveLength(
            eventIds(journal, /StateEntered$/).size,
          );
      }),
      { numRuns: runs(150) },
    );
  },
  TIMEOUT_MS,
);

test(
  'spans lie within their parents, and have ended by then',
  async () => {
    await fc.assert(
      property((_run, spans) => {
        const positions = new Map(spans.map(({ id }, n) => [id, n]));
        const [, ...redriven] = spans.filter(({ kind }) => kind === 'execution');
        for (const [n, span] of spans.entries()) {
          expect(span.startTime).toBeLessThanOrEqual(span.endTime);
          if (span.parentId === undefined || redriven.includes(span as never)) continue;
          const parent = positions.get(span.parentId) ?? -1;
          expect(parent).toBeGreaterThan(n);
          expect(spans[parent]?.startTime).toBeLessThanOrEqual(span.startTime);
          expect(spans[parent]?.endTime).toBeGreaterThanOrEqual(span.endTime);
        }
        const roots = spans.filter(({ parentId }) => parentId === undefined);
        expect(roots.map(({ kind, eventId }) => ({ kind, eventId }))).toEqual([
          { kind: 'execution', eventId: 1 },
        ]);
        for (const { parentId } of redriven) expect(parentId).toBe(roots[0]?.id);
      }),
      { numRuns: runs(150) },
    );
  },
  TIMEOUT_MS,
);

test(
  'outcomes are those of the history',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines(), randomAnswers, async ({ definition, input }, answers) => {
        const tasks = ({ input }: { input: { text: string } }) => answerTo(input.text, answers);
        const run = new Run(definition, { input, tasks, limits: LIMITS });
        await run.toEnd();
        const spans = spansOf(run.machine, run.journal);
        const states = spans.filter(({ kind }) => kind === 'state');
        const left = states.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'caught');
        expect(left).toHaveLength(eventIds(run.journal, /StateExited$/).size);
        const failures = spans.filter(({ kind, outcome }) => kind === 'attempt' && outcome === 'succeeded');
        expect(failures).toHaveLength(
          eventIds(run.journal, /^(LambdaFunction|Task|Activity)Succeeded$/).size,
        );
        for (const { outcome, failure } of spans)
          if (outcome === 'succeeded') expect(failure).toBeUndefined();
          else if (outcome !== 'aborted') expect(failure).toBeDefined();
        const [execution] = spans.filter(({ kind }) => kind === 'execution');
        expect(execution).toMatchObject({ status: run.execution.status });
        if (run.execution.status === 'FAILED')
          expect(
            spans.filter(({ kind, outcome }) => kind !== 'execution' && outcome === 'failed'),
          ).not.toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  },
  TIMEOUT_MS,
);

function idsOf(spans: readonly ExecutionSpan[], kind: ExecutionSpan['kind']): Set<number> {
  return new Set(spans.filter((span) => span.kind === kind).map(({ eventId }) => eventId));
}

function eventIds(journal: readonly JournalEvent[], types: RegExp): Set<number> {
  return new Set(journal.filter(({ type, id }) => id > 0 && types.test(type)).map(({ id }) => id));
}

/** Events that a state's Retry has answered. */
function retriedEventIds(journal: readonly JournalEvent[]): Set<number> {
  return new Set(
    journal.flatMap((event) => {
      if (event.type === 'RetryScheduled') return event.previousEventId;
      const { handling } = event.private as { handling?: { kind: string } };
      return handling?.kind === 'retry' ? event.id : [];
    }),
  );
}
