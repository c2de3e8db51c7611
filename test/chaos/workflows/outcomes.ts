/** What functions come to: as the scenario in their payload says. */
import { digest } from './expectation.ts';
import type { Behaviour } from './scenario.ts';

export interface Payload {
  readonly execution: string;
  readonly state: string;
  readonly redrives: number;
  readonly given: unknown;
  readonly behaviour: Behaviour;
  readonly token?: string;
}

/** What a task is to get, from its function or by its token. */
export type FunctionOutcome = { readonly value: string } | { readonly error: string };

export class Outcomes {
  /** Failures so far, by execution, state and what that was given. */
  readonly #failures = new Map<string, number>();

  of({ execution, state, redrives, given, behaviour }: Payload): FunctionOutcome {
    if (behaviour.brokenUntil > redrives) return { error: 'Fatal' };
    const key = JSON.stringify([execution, state, given]);
    const failures = this.#failures.get(key) ?? 0;
    if (failures >= behaviour.failures) return { value: digest(state, given) };
    this.#failures.set(key, failures + 1);
    return { error: 'Again' };
  }
}
