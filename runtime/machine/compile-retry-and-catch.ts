import type { Expressions } from './compile-expressions.ts';
import type { Catcher, Retrier } from './machine.ts';
import type { CatcherDefinition, RetrierDefinition } from './schema/retry-and-catch.ts';

interface Fallible {
  readonly Retry?: readonly RetrierDefinition[] | undefined;
  readonly Catch?: readonly CatcherDefinition[] | undefined;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function compileRetryAndCatch(
  { Retry = [], Catch = [] }: Fallible,
  expressions: Expressions,
): { retry: readonly Retrier[]; catch: readonly Catcher[] } {
  return {
    retry: Retry.map(compileRetrier),
    catch: Catch.map((catcher, i) => compileCatcher(catcher, `Catch[${i}]`, expressions)),
  };
}

function compileRetrier(retrier: RetrierDefinition): Retrier {
  return {
    errorEquals: retrier.ErrorEquals,
    intervalSeconds: retrier.IntervalSeconds ?? 1,
    maxAttempts: retrier.MaxAttempts ?? 3,
    backoffRate: retrier.BackoffRate ?? 2,
    maxDelaySeconds: retrier.MaxDelaySeconds,
    jitterStrategy: retrier.JitterStrategy ?? 'NONE',
  };
}

function compileCatcher(catcher: CatcherDefinition, field: string, expressions: Expressions): Catcher {
  return {
    errorEquals: catcher.ErrorEquals,
    next: catcher.Next,
    resultPath: expressions.resultPath(`${field}/ResultPath`, catcher.ResultPath),
    assign: expressions.optionalTemplate(`${field}/Assign`, catcher.Assign),
    output: expressions.optionalTemplate(`${field}/Output`, catcher.Output),
  };
}
