import { traceHeaders } from '../../runtime/execution/trace-headers.ts';
import type { AttemptTrace } from '../../runtime/index.ts';

/** What the shell tells a thread about one invocation. */
export interface HandlerCall {
  readonly awsRequestId: string;
  /** The event, as JSON text; empty: `{}`, as Lambda has it. */
  readonly payload: string;
  readonly invokedFunctionArn: string;
  /** Base64 of JSON, as the Invoke API takes it. */
  readonly clientContext: string | undefined;
  readonly idempotencyKey: string;
  /** Undefined: the execution is in no trace. */
  readonly trace: AttemptTrace | undefined;
  /** ms since 1970 */
  readonly deadline: number;
}

/** What stays the same for all invocations of a thread's function. */
export interface ThreadFunction {
  readonly name: string;
  /** Absolute path of the module. */
  readonly file: string;
  readonly exportName: string;
  readonly memoryMb: number;
}

/**
 * Lambda's context object, and of Statehouse's own:
 * `idempotencyKey`, the same on every delivery of one task attempt;
 * `traceHeaders`, the trace context to pass on, where the execution is in a trace.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export interface HandlerContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly clientContext: unknown;
  readonly idempotencyKey: string;
  readonly traceHeaders: Readonly<Record<string, string>> | undefined;
  /** Accepted and without effect: a result is always sent at once. */
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

/** @throws Error when the client context is not Base64 of JSON, with Lambda's own words */
export function createHandlerContext(definition: ThreadFunction, call: HandlerCall): HandlerContext {
  return {
    functionName: definition.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: call.invokedFunctionArn,
    memoryLimitInMB: String(definition.memoryMb),
    awsRequestId: call.awsRequestId,
    logGroupName: `/aws/lambda/${definition.name}`,
    logStreamName: '[$LATEST]',
    clientContext: readClientContext(call.clientContext),
    idempotencyKey: call.idempotencyKey,
    traceHeaders: call.trace && traceHeaders(call.trace),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, call.deadline - Date.now()),
  };
}

function readClientContext(base64: string | undefined): unknown {
  if (base64 === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    throw new Error('Client context must be a valid Base64-encoded JSON object.');
  }
}
