import type { Json, JsonObject } from '../../../runtime/data/json.ts';
import type { Environment } from '../../../runtime/expressions/environment.ts';
import { randomFrom } from '../../../runtime/expressions/random.ts';
import { StateFailure } from '../../../runtime/failures/failure.ts';

interface Given {
  readonly context?: JsonObject;
  readonly variables?: Record<string, Json>;
  readonly states?: Environment['states'];
}

/** An environment with this input; equal ones are equally random. */
export function anEnvironment(input: Json, given: Given = {}): Environment {
  return {
    input,
    context: () => given.context ?? {},
    variables: new Map(Object.entries(given.variables ?? {})),
    random: randomFrom([1, 2, 3, 4]),
    time: Date.UTC(2024, 0, 15, 10, 30),
    states: given.states ?? { input },
    jsonata: () => {
      throw new Error('JSONPath must not ask for JSONata');
    },
  };
}

/** The failure that an evaluation ends in; anything else that it throws is a bug and passes through. */
export function failureOf(evaluate: () => unknown): StateFailure {
  try {
    evaluate();
  } catch (error) {
    if (error instanceof StateFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
