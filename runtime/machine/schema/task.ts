import type { QueryLanguage } from '../machine.ts';
import {
  anyJson,
  atMostOneOf,
  common,
  exactlyOneOf,
  integer,
  jsonObject,
  name,
  orExpression,
  SECONDS_MAX,
  sequential,
  text,
  workFlow,
} from './fields.ts';
import { retryAndCatch } from './retry-and-catch.ts';
import { z } from './zod.ts';

export type TaskDefinition = z.infer<ReturnType<typeof taskSchema>>;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
export function taskSchema(language: QueryLanguage) {
  const shape = z
    .strictObject({
      ...common('Task'),
      ...workFlow,
      ...sequential,
      ...retryAndCatch,
      Resource: name,
      Arguments: anyJson.optional(),
      ResultSelector: anyJson.optional(),
      Credentials: orExpression(language, jsonObject).optional(),
      TimeoutSeconds: orExpression(language, integer(1, SECONDS_MAX)).optional(),
      TimeoutSecondsPath: text.optional(),
      HeartbeatSeconds: orExpression(language, integer(1, SECONDS_MAX)).optional(),
      HeartbeatSecondsPath: text.optional(),
    })
    .refine(
      ({ TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat }) =>
        typeof timeout !== 'number' || typeof heartbeat !== 'number' || heartbeat < timeout,
      { error: `'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'`, path: ['HeartbeatSeconds'] },
    );
  return exactlyOneOf(
    atMostOneOf(atMostOneOf(shape, ['TimeoutSecondsPath', 'TimeoutSeconds']), [
      'HeartbeatSecondsPath',
      'HeartbeatSeconds',
    ]),
    ['Next', 'End'],
  );
}
