import { States } from '../../failures/failure.ts';
import { anyJson, assign, decimal, integer, name, nullablePath, SECONDS_MAX, text } from './fields.ts';
import { z } from './zod.ts';

export type RetrierDefinition = z.infer<typeof retrier>;
export type CatcherDefinition = z.infer<typeof catcher>;

const MAX_DELAY_SECONDS_MAX = 31_622_400;

const errorEquals = z.array(name).min(1);

const retrier = z
  .strictObject({
    ErrorEquals: errorEquals,
    IntervalSeconds: integer(0, SECONDS_MAX).optional(),
    MaxAttempts: integer(0, SECONDS_MAX).optional(),
    BackoffRate: decimal(1).optional(),
    MaxDelaySeconds: integer(1, MAX_DELAY_SECONDS_MAX).optional(),
    JitterStrategy: z.enum(['NONE', 'FULL']).optional(),
    Comment: text.optional(),
  })
  .refine(
    ({ IntervalSeconds = 1, MaxDelaySeconds = Number.MAX_VALUE }) => MaxDelaySeconds > IntervalSeconds,
    {
      error: `'MaxDelaySeconds' must be greater than 'IntervalSeconds'`,
      path: ['MaxDelaySeconds'],
    },
  );

const catcher = z.strictObject({
  ErrorEquals: errorEquals,
  Next: name,
  ResultPath: nullablePath.optional(),
  Output: anyJson.optional(),
  ...assign,
  Comment: text.optional(),
});

/** Retry and Catch, of Task, Parallel and Map. */
export const retryAndCatch = {
  Retry: z.array(retrier).superRefine(allStandsAloneAndLast).optional(),
  Catch: z.array(catcher).superRefine(allStandsAloneAndLast).optional(),
};

function allStandsAloneAndLast(
  handlers: readonly { readonly ErrorEquals: readonly string[] }[],
  context: z.RefinementCtx,
): void {
  for (const [i, { ErrorEquals }] of handlers.entries()) {
    if (!ErrorEquals.includes(States.ALL)) continue;
    if (ErrorEquals.length === 1 && i === handlers.length - 1) continue;
    const message = `${States.ALL} must appear alone and at end of list`;
    context.addIssue({ code: 'custom', message, path: [i, 'ErrorEquals'] });
  }
}
