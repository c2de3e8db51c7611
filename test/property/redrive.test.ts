/**
 * Executions that end without success wherever they like, and are redriven until they succeed: nothing that has
 * succeeded is done again, nothing is left out, and the journal is the state throughout.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Execution, fold, Payload, restore, snapshot } from '../../runtime/index.ts';
import {
  decodeAll,
  type InMemoryOptions,
  type InMemoryRun,
  Run,
  runInMemory,
  type TaskAnswer,
} from '../support/in-memory-run.ts';
import { type RandomMachine, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';

const LIMITS = { maxHistoryEvents: 2000, maxEventsPerTransition: 7 };
const TIMEOUT_MS = patience(60_000);
const REDRIVES_MAX = 200;

const ANSWER: TaskAnswer = { output: { ok: 1.5, items: [1, 2] } };
/** A failure that no state handles, and one that is States.Runtime: it ends the execution from within a scope. */
const FAILURES: readonly TaskAnswer[] = [{ error: 'Broken', cause: 'for once' }, { error: 'States.Runtime' }];

/** What becomes of the run, in turns: it goes so many triggers before it is stopped, or a call of a task fails. */
const mishaps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('stop' as const), after: fc.integer({ min: 0, max: 12 }) }),
    fc.record({ kind: fc.constant('fail' as const), call: fc.nat(9), failure: fc.constantFrom(...FAILURES) }),
  ),
  { minLength: 1, maxLength: 6 },
);
type Mishap = typeof mishaps extends fc.Arbitrary<(infer M)[]> ? M : never;

type Body = readonly Shape[];
type Shape =
  | { readonly kind: 'Task' | 'Pass' | 'Wait' }
  | { readonly kind: 'Parallel' | 'Map'; readonly bodies: readonly Body[]; readonly concurrency: number };

/** Tasks in scopes within scopes: machines that always succeed when their tasks do. */
const scopes: fc.Arbitrary<RandomMachine> = fc
  .letrec<{ body: Body; shape: Shape }>((tie) => ({
    body: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    shape: fc.oneof(
      { maxDepth: 3 },
      { weight: 3, arbitrary: fc.constant<Shape>({ kind: 'Task' }) },
      { weight: 1, arbitrary: fc.constantFrom<Shape>({ kind: 'Pass' }, { kind: 'Wait' }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('Parallel' as const, 'Map' as const),
          bodies: fc.array(tie('body'), { minLength: 1, maxLength: 3 }),
          concurrency: fc.nat(2),
        }),
      },
    ),
  }))
  .body.map((body) => ({ definition: scopeOf(body, names()), input: '{"items":[1,2,3]}' }));

function scopeOf(body: Body, names: Iterator<string>): object {
  const named = body.map((shape) => ({ shape, name: String(names.next().value) }));
  const States = Object.fromEntries(
    named.map(({ shape, name }, n) => {
      const next = named[n + 1]?.name;
      return [name, { ...stateOf(shape, names), ...(next === undefined ? { End: true } : { Next: next }) }];
    }),
  );
  return { StartAt: named[0]?.name, States };
}

function stateOf(shape: Shape, names: Iterator<string>): object {
  switch (shape.kind) {
    case 'Task':
      return { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f' };
    case 'Pass':
      return { Type: 'Pass', Parameters: { 'state.$': '$$.State.Name' } };
    case 'Wait':
      return { Type: 'Wait', Seconds: 40 };
    case 'Parallel':
      return { Type: 'Parallel', Branches: shape.bodies.map((body) => scopeOf(body, names)) };
    case 'Map':
      return {
        Type: 'Map',
        ItemsPath: '$$.Execution.Input.items',
        MaxConcurrency: shape.concurrency,
        ItemProcessor: scopeOf(shape.bodies[0] ?? [], names),
      };
  }
}

function* names(): Generator<string> {
  for (let n = 0; ; n++) yield `S${n}`;
}

test.each([
  ['any machine', randomMachines(), 100],
  ['scopes within scopes', scopes, 100],
])(
  'however often it ends on the way, a redriven execution comes to what it would have come to: %s',
  async (_what, machines, count) => {
    await fc.assert(
      fc.asyncProperty(machines, mishaps, async (machine, mishaps) => {
        const { definition, input } = withoutHandlers(machine);
        const undisturbed = await runInMemory(definition, { input, tasks: () => ANSWER, limits: LIMITS });
        fc.pre(undisturbed.execution.status === 'SUCCEEDED');
        const disturbed = await redrivenToTheEnd(definition, { input, limits: LIMITS }, mishaps);
        expect(disturbed.execution.status).toBe('SUCCEEDED');
        expect(disturbed.execution.output?.text).toBe(undisturbed.execution.output?.text);
        expect(succeededStates(disturbed)).toEqual(succeededStates(undisturbed));
      }),
      { numRuns: runs(count) },
    );
  },
  TIMEOUT_MS,
);

test(
  'with Retry and Catch, and tasks that fail for good, the journal is the state through all redrives',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomMachines(), mishaps, async ({ definition, input }, mishaps) => {
        const run = await redrivenToTheEnd(
          definition,
          { input, limits: { ...LIMITS, maxHistoryEvents: 300 } },
          mishaps,
        );
        expect(run.execution.status).not.toBe('RUNNING');
        expect(run.history.map(({ id }) => id)).toEqual(run.history.map((_event, n) => n + 1));
        expect(run.history.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
      }),
      { numRuns: runs(100) },
    );
  },
  TIMEOUT_MS,
);

/** Runs with all mishaps, one a run, and then without any; looks at the journal after each trigger. */
async function redrivenToTheEnd(
  definition: object,
  options: InMemoryOptions,
  mishaps: readonly Mishap[],
): Promise<Run> {
  const left = [...mishaps];
  let current = left.shift();
  let calls = 0;
  const tasks = (): TaskAnswer =>
    current?.kind === 'fail' && calls++ === current.call ? current.failure : ANSWER;
  const run = new Run(definition, { ...options, tasks });
  for (let redrives = 0; redrives < REDRIVES_MAX; redrives++) {
    for (let n = 0; run.execution.status === 'RUNNING'; n++) {
      if (current?.kind === 'stop' && n >= current.after) run.stop();
      else await run.toEnd(1);
      expectJournalIsState(run);
    }
    if (run.execution.status === 'SUCCEEDED' || current === undefined) return run;
    current = left.shift();
    calls = 0;
    run.redrive();
    expectJournalIsState(run);
  }
  throw new Error(`It did not succeed in ${REDRIVES_MAX} redrives`);
}

function expectJournalIsState(run: Run): void {
  const live = plain(run.execution);
  expect(plain(fold(decodeAll(run.journal)))).toEqual(live);
  expect(plain(restore(snapshot(run.execution)))).toEqual(live);
}

/** How often each state was left. */
function succeededStates({ history }: InMemoryRun): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stateExitedEventDetails: details } of history) {
    if (details === undefined) continue;
    const name = String(details.name);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Failures are handled by redrives alone. */
function withoutHandlers({ definition, input }: RandomMachine): RandomMachine {
  const bare = JSON.parse(
    JSON.stringify(definition, (key, value: unknown) =>
      key === 'Retry' || key === 'Catch' ? undefined : value,
    ),
  ) as object;
  return { definition: bare, input };
}

/** An execution without its sharing: payloads as text. */
function plain(execution: Execution): unknown {
  return JSON.parse(
    JSON.stringify(execution, (_key, value: unknown) => {
      if (value instanceof Payload) return { text: value.text };
      return value instanceof Map ? [...value] : value;
    }),
  );
}
