/**
 * Random state machines for fast-check: every state type, both query languages and their mixture, variables, Retry
 * and Catch, nested scopes, waits and timeouts; and random answers for their tasks.
 */
import fc from 'fast-check';
import type { QueryLanguage } from '../../runtime/machine/machine.ts';
import type { TaskAnswer } from './in-memory-run.ts';
import { LEAVES, type Leaf, MAPS, PARALLELS, RULES, type State } from './random-states.ts';

type Handling = 'none' | 'retry' | 'catch' | 'both';

/** A state to put anywhere; nested scopes get names of their own. */
interface Shape {
  readonly kind: Leaf | 'Choice' | 'Parallel' | 'Map';
  /** Picks one of the kind's variants. */
  readonly variant: number;
  readonly language: QueryLanguage;
  readonly handling: Handling;
  /** How many states a Choice leaps over. */
  readonly leap: number;
  readonly bodies: readonly (readonly Shape[])[];
}

export interface RandomMachine {
  readonly definition: object;
  readonly input: string;
}

/** What a machine may be made of. */
export interface Ingredients {
  /** Tasks inside of Parallel and Map, whose answers race. */
  readonly tasksInScopes: boolean;
}

export const RANDOM_INPUT = {
  items: [1, 2, 3],
  n: 5,
  text: 'ä\ud83d\ude00',
  deep: { list: [{ x: 1.5 }, { x: 'y' }] },
};

/** Machines that always end, most of them after some dozen events. */
export function randomMachines(
  { tasksInScopes }: Ingredients = { tasksInScopes: true },
): fc.Arbitrary<RandomMachine> {
  const inside = shapes(tasksInScopes ? [...LEAF_KINDS, 'Task'] : LEAF_KINDS.filter((kind) => !isTask(kind)));
  const body = fc.array(
    fc.oneof({ weight: 3, arbitrary: leaf([...LEAF_KINDS, 'Task']) }, { weight: 2, arbitrary: inside.shape }),
    { minLength: 1, maxLength: 4 },
  );
  const language = fc.constantFrom<QueryLanguage>('JSONPath', 'JSONPath', 'JSONata');
  const timeout = fc.option(fc.constantFrom(20, 45, 100), { freq: 3, nil: undefined });
  return fc.record({ body, language, timeout }).map(({ body, language, timeout }) => ({
    definition: {
      QueryLanguage: language,
      ...(timeout !== undefined && { TimeoutSeconds: timeout }),
      ...new Builder(language).scope(body),
    },
    input: JSON.stringify(RANDOM_INPUT),
  }));
}

const LEAF_KINDS = Object.keys(LEAVES) as Leaf[];

function isTask(kind: Leaf): boolean {
  return kind === 'Task' || kind === 'Callback';
}

function leaf(kinds: readonly Shape['kind'][]): fc.Arbitrary<Shape> {
  return fc.record({
    ...common,
    kind: fc.constantFrom<Shape['kind']>(...kinds, 'Choice'),
    bodies: fc.constant([]),
  });
}

const common = {
  variant: fc.nat(100),
  language: fc.constantFrom<QueryLanguage>('JSONPath', 'JSONPath', 'JSONata'),
  handling: fc.constantFrom<Handling>('none', 'retry', 'catch', 'both'),
  leap: fc.nat(2),
};

function shapes(kinds: readonly Leaf[]): { shape: fc.Arbitrary<Shape> } {
  return fc.letrec<{ body: readonly Shape[]; shape: Shape }>((tie) => ({
    body: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    shape: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: leaf(kinds) },
      {
        weight: 1,
        arbitrary: fc.record({
          ...common,
          kind: fc.constant('Parallel' as const),
          bodies: fc.array(tie('body'), { minLength: 1, maxLength: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          ...common,
          kind: fc.constant('Map' as const),
          bodies: fc.tuple(tie('body')),
        }),
      },
    ),
  }));
}

interface Scope {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, object>>;
}

/** Builds a definition whose names are unique over all scopes, and in which every state can be reached. */
class Builder {
  readonly #language: QueryLanguage;
  #names = 0;
  #depth = 0;

  constructor(language: QueryLanguage) {
    this.#language = language;
  }

  scope(body: readonly Shape[]): Scope {
    // A Fail ends its scope: what comes after it would be unreachable.
    const end = body.findIndex(({ kind }) => kind === 'Fail');
    const named = (end < 0 ? body : body.slice(0, end + 1)).map((shape) => ({
      shape,
      name: `S${this.#names++}`,
    }));
    const names = named.map(({ name }) => name);
    this.#depth++;
    const States = Object.fromEntries(
      named.map(({ shape, name }, n) => [name, this.#state(shape, names.slice(n + 1))]),
    );
    this.#depth--;
    return { StartAt: names[0] ?? '', States };
  }

  /** @param after the states that follow in the same scope */
  #state(shape: Shape, after: readonly string[]): object {
    // A JSONata machine has no JSONPath states.
    const language = this.#language === 'JSONata' ? 'JSONata' : shape.language;
    const [next] = after;
    const state = this.#body(shape, language, after);
    const { Type } = state;
    return this.#withVariables({
      ...(language !== this.#language && { QueryLanguage: language }),
      ...state,
      ...(!['Fail', 'Choice', 'Succeed'].includes(Type) &&
        (next === undefined ? { End: true } : { Next: next })),
      ...(['Task', 'Parallel', 'Map'].includes(Type) && handlers(shape.handling, language, next)),
    });
  }

  #withVariables(state: object): object {
    return JSON.parse(JSON.stringify(state).replaceAll('_DEPTH', `${this.#depth}`));
  }

  #body(shape: Shape, language: QueryLanguage, after: readonly string[]): State {
    const { kind, bodies } = shape;
    if (kind === 'Parallel')
      return {
        Type: kind,
        ...pick(PARALLELS[language], shape),
        Branches: bodies.map((body) => this.scope(body)),
      };
    if (kind === 'Map')
      return { Type: kind, ...pick(MAPS[language], shape), ItemProcessor: this.scope(bodies[0] ?? []) };
    if (kind !== 'Choice') return pick(LEAVES[kind][language], shape);
    const [next] = after;
    if (next === undefined) return { Type: 'Succeed' };
    const Next = after[Math.min(shape.leap, after.length - 1)];
    return { Type: kind, Choices: [{ ...pick(RULES[language], shape), Next }], Default: next };
  }
}

function pick<T>(variants: readonly T[], { variant }: Shape): T {
  return variants[variant % variants.length] as T;
}

const RETRY = [
  { ErrorEquals: ['Again'], MaxAttempts: 2, IntervalSeconds: 3, BackoffRate: 1.5 },
  { ErrorEquals: ['States.Timeout', 'States.HeartbeatTimeout'], MaxAttempts: 1, IntervalSeconds: 7 },
];

function handlers(handling: Handling, language: QueryLanguage, next: string | undefined): object {
  const caught =
    language === 'JSONata'
      ? { Output: '{% $states.errorOutput %}', Assign: { seen_DEPTH: 1 } }
      : { ResultPath: '$.error' };
  return {
    ...((handling === 'retry' || handling === 'both') && { Retry: RETRY }),
    ...((handling === 'catch' || handling === 'both') &&
      next !== undefined && {
        Catch: [
          { ErrorEquals: ['Fatal', 'States.BranchFailed'], Next: next, ...caught },
          { ErrorEquals: ['States.ALL'], Next: next },
        ],
      }),
  };
}

/** What tasks answer, one after the other. */
export const randomAnswers: fc.Arbitrary<readonly TaskAnswer[]> = fc.array(
  fc.constantFrom<TaskAnswer>(
    { output: { ok: 1.5, items: [1, 2] } },
    { output: RANDOM_INPUT },
    { output: null },
    { error: 'Again', cause: 'c\u0000' },
    { error: 'Fatal' },
  ),
  { minLength: 1, maxLength: 8 },
);

/** The answer of an attempt, by what the attempt is given alone: the order of calls does not matter. */
export function answerTo(payload: string, answers: readonly TaskAnswer[]): TaskAnswer {
  let hash = 7;
  for (let i = 0; i < payload.length; i++) hash = (hash * 31 + payload.charCodeAt(i)) % 1_000_003;
  return answers[hash % answers.length] ?? 'never';
}
