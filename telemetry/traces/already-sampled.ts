import { type Context, createContextKey } from '@opentelemetry/api';

const DECIDED = createContextKey('statehouse: sampling was decided at the start of the execution');

/** The context for a span of an execution that is recorded. */
export function alreadySampled(context: Context): Context {
  return context.setValue(DECIDED, true);
}

export function isAlreadySampled(context: Context): boolean {
  return context.getValue(DECIDED) === true;
}
