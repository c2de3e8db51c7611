import type { QueryLanguage } from '../machine.ts';
import {
  assign,
  common,
  exactlyOneOf,
  inputAndOutput,
  integer,
  orExpression,
  SECONDS_MAX,
  sequential,
  text,
  timestamp,
} from './fields.ts';
import { z } from './zod.ts';

export type WaitDefinition = z.infer<ReturnType<typeof waitSchema>>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
export function waitSchema(language: QueryLanguage) {
  const shape = z.strictObject({
    ...common('Wait'),
    ...inputAndOutput,
    ...assign,
    ...sequential,
    Seconds: orExpression(language, integer(0, SECONDS_MAX)).optional(),
    SecondsPath: text.optional(),
    Timestamp: orExpression(language, timestamp).optional(),
    TimestampPath: text.optional(),
  });
  return exactlyOneOf(exactlyOneOf(shape, ['Next', 'End']), [
    'SecondsPath',
    'Seconds',
    'TimestampPath',
    'Timestamp',
  ]);
}
