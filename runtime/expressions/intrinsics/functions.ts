import { arrayFunctions } from './array.ts';
import { encodingFunctions } from './encoding.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';
import { jsonFunctions } from './json.ts';
import { mathFunctions } from './math.ts';
import { stringFunctions } from './string.ts';

/**
 * The intrinsic functions by name, `States.Format` and so on.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export const intrinsicFunctions: ReadonlyMap<string, IntrinsicFunction> = new Map(
  Object.entries({
    ...arrayFunctions,
    ...encodingFunctions,
    ...jsonFunctions,
    ...mathFunctions,
    ...stringFunctions,
    UUID: { arguments: [0, 0], apply: (_values, { random }) => random.uuid() } satisfies IntrinsicFunction,
  }).map(([name, definition]): [string, IntrinsicFunction] => [`States.${name}`, definition]),
);
