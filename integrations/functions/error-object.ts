/**
 * The JSON text by which Lambda reports a function's error, as its runtime for Node and its platform write it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
import { types } from 'node:util';

/** An error that the runtime, not the handler's code, reports; `name` is Lambda's errorType. */
export class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** What the handler threw, or rejected with: an Error, or any value at all. */
export function errorObject(thrown: unknown): string {
  try {
    return JSON.stringify(describe(thrown));
  } catch {
    // Reading the name, message or stack of what was thrown can throw in turn; undefined has no toString.
    return platformErrorObject(
      'handled',
      'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    );
  }
}

/** What the platform reports itself: a timeout, an exit, a response too large. */
export function platformErrorObject(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}

function describe(thrown: unknown): object {
  if (isError(thrown))
    return {
      errorType: String(thrown.name),
      errorMessage: String(thrown.message),
      trace: String(thrown.stack ?? '').split('\n'),
    };
  return { errorType: typeof thrown, errorMessage: (thrown as object).toString(), trace: [] };
}

function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value
  );
}
