/**
 * Random workflows whose end can be told beforehand, whatever dies on the way. (test/support/random-machine.ts makes
 * wilder ones, of which only another run of the core can tell how they end, and only if no attempt is ever lost.)
 */
import type { QueryLanguage } from '../../../runtime/machine/machine.ts';
import type { Dice } from '../dice.ts';

interface Named {
  readonly name: string;
}
interface Fallible extends Named {
  /** Whatever fails, it goes on with what the state was given. */
  readonly caught: boolean;
}

export type Step =
  | (Named & { readonly kind: 'Pass' })
  | (Named & { readonly kind: 'Wait'; readonly seconds: number })
  /** A Lambda function that answers; one that is given a token; one that never answers, under a timeout. */
  | (Fallible & { readonly kind: 'Call' | 'Callback' | 'Hang' })
  /** A task that workers poll for. */
  | (Fallible & { readonly kind: 'Activity' })
  /** SQL that leaves a row behind. */
  | (Named & { readonly kind: 'Sql' })
  | (Fallible & { readonly kind: 'Child'; readonly workflow: Workflow })
  | (Fallible & { readonly kind: 'Parallel'; readonly branches: readonly (readonly Step[])[] })
  | (Fallible & {
      readonly kind: 'Map';
      readonly items: number;
      readonly maxConcurrency: number;
      readonly body: readonly Step[];
    });

export interface Workflow {
  readonly name: string;
  readonly language: QueryLanguage;
  readonly steps: readonly Step[];
  /** Shorter than its only Wait. */
  readonly timeoutSeconds?: number;
}

/** What not everybody who runs workflows has. */
export interface Ingredients {
  readonly hasSql: boolean;
  readonly hasActivities: boolean;
}

/** @param children what its tasks may start; none: it starts nothing */
export function randomWorkflow(
  name: string,
  dice: Dice,
  children: readonly Workflow[],
  ingredients: Ingredients = { hasSql: false, hasActivities: false },
): Workflow {
  const language = dice.pick<QueryLanguage>(['JSONPath', 'JSONata']);
  return { name, language, steps: new Builder(dice, children, ingredients).steps(dice.between(2, 5), 0) };
}

/** It always times out. */
export function overtimeWorkflow(name: string): Workflow {
  return {
    name,
    language: 'JSONPath',
    // So long that no leap of a clock ends it: one that is stopped when it is over, and redriven, goes on behind it.
    steps: [{ kind: 'Wait', name: 'Oversleep', seconds: 30 * 24 * 3600 }],
    timeoutSeconds: 3,
  };
}

/** Short, and it starts nothing. */
export function cappedWorkflow(name: string): Workflow {
  return {
    name,
    language: 'JSONata',
    steps: [
      { kind: 'Call', name: 'Call1', caught: true },
      { kind: 'Wait', name: 'Wait1', seconds: 1 },
      { kind: 'Callback', name: 'Callback1', caught: false },
    ],
  };
}

const DEPTH_MAX = 2;

class Builder {
  readonly #dice: Dice;
  readonly #children: readonly Workflow[];
  readonly #ingredients: Ingredients;
  #names = 0;

  constructor(dice: Dice, children: readonly Workflow[], ingredients: Ingredients) {
    this.#dice = dice;
    this.#children = children;
    this.#ingredients = ingredients;
  }

  steps(count: number, depth: number): Step[] {
    return Array.from({ length: count }, () => this.#step(depth));
  }

  #step(depth: number): Step {
    const dice = this.#dice;
    const kind = dice.weighted<Step['kind']>([
      [1, 'Pass'],
      [1, 'Wait'],
      [5, 'Call'],
      [2, 'Callback'],
      [0.3, 'Hang'],
      [this.#ingredients.hasActivities ? 2 : 0, 'Activity'],
      [this.#ingredients.hasSql ? 2 : 0, 'Sql'],
      [this.#children.length > 0 ? 1.5 : 0, 'Child'],
      [depth < DEPTH_MAX ? 1 : 0, 'Parallel'],
      [depth < DEPTH_MAX ? 1 : 0, 'Map'],
    ]);
    const named = { name: `${kind}${++this.#names}` };
    const fallible = { ...named, caught: dice.chance(0.4) };
    const inner = (): Step[] => this.steps(dice.between(1, 2), depth + 1);
    switch (kind) {
      case 'Pass':
      case 'Sql':
        return { ...named, kind };
      case 'Wait':
        // Beyond five seconds an execution is parked.
        return {
          ...named,
          kind,
          seconds: dice.weighted([
            [4, dice.between(1, 2)],
            [1, 6],
          ] as const),
        };
      case 'Call':
      case 'Callback':
      case 'Activity':
      case 'Hang':
        return { ...fallible, kind };
      case 'Child':
        return { ...fallible, kind, workflow: dice.pick(this.#children) };
      case 'Parallel':
        return { ...fallible, kind, branches: Array.from({ length: dice.between(2, 3) }, inner) };
      case 'Map':
        return {
          ...fallible,
          kind,
          items: dice.between(1, 4),
          maxConcurrency: dice.between(0, 2),
          body: inner(),
        };
    }
  }
}
