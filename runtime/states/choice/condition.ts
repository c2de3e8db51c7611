import type { Environment } from '../../expressions/environment.ts';

/** A compiled choice rule: And, Or, Not, one comparison, or a JSONata Condition. */
export interface ChoiceCondition {
  /** @throws StateFailure (a path that leads nowhere), JsonataPending */
  holds(environment: Environment): boolean;
}
