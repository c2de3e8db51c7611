import type { Payload } from '../data/payload.ts';
import type { Failure } from '../failures/failure.ts';

/** What the work of a Task, a Map or a Parallel is said to have come to. */
export type Mock =
  | { readonly kind: 'result'; readonly result: Payload }
  | { readonly kind: 'error'; readonly failure: Failure };

/** A test that makes no sense for its state. The message is for the caller. */
export class InvalidTest extends Error {
  override readonly name = 'InvalidTest';
}
