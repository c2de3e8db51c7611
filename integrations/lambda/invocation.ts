import type { Failure } from '../../runtime/failures/failure.ts';
import type { AttemptTrace } from '../../runtime/index.ts';
import type { HttpAnswer } from '../http-client.ts';
import type { FunctionReference } from './function-name.ts';
import { functionFailure } from './invocation-failure.ts';

export const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'] as const;
export const LOG_TYPES = ['None', 'Tail'] as const;

/** One call of Lambda's Invoke operation. */
export interface Invocation {
  readonly function: FunctionReference;
  /** The event as JSON text; empty: none. */
  readonly payload: string;
  readonly invocationType: (typeof INVOCATION_TYPES)[number] | undefined;
  readonly logType: (typeof LOG_TYPES)[number] | undefined;
  /** Base64 of JSON. */
  readonly clientContext: string | undefined;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Undefined: the execution is in no trace. */
  readonly trace: AttemptTrace | undefined;
}

export type InvocationResult =
  /** Lambda's Invoke response: status, headers and the payload. */
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** The function ran and failed; `payload` is its error object. */
  | { readonly kind: 'functionFailed'; readonly payload: string }
  /** The function was not called, or nobody knows. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** One way to reach functions. */
export interface Invoker {
  invoke(invocation: Invocation): Promise<InvocationResult>;
  close(): Promise<void>;
}

/** What becomes of an invocation that did not succeed. */
export function failureOf(result: Exclude<InvocationResult, { kind: 'answered' }>): Failure {
  return result.kind === 'functionFailed' ? functionFailure(result.payload) : result.failure;
}
