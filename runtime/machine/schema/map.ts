import type { QueryLanguage } from '../machine.ts';
import { itemBatcherSchema, itemReaderSchema, resultWriterSchema } from './distributed-map.ts';
import {
  anyJson,
  atMostOneOf,
  collection,
  common,
  decimal,
  exactlyOneOf,
  integer,
  jsonObject,
  name,
  orExpression,
  sequential,
  text,
  workFlow,
} from './fields.ts';
import { retryAndCatch } from './retry-and-catch.ts';
import { z } from './zod.ts';

export type InlineMapDefinition = z.infer<ReturnType<typeof inlineMapSchema>>;
export type DistributedMapDefinition = z.infer<ReturnType<typeof distributedMapSchema>>;
/**
 * The processor is a scope, checked on its own.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
 */
export function inlineMapSchema(language: QueryLanguage) {
  return withRules(z.strictObject(inlineShape(language)));
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export function distributedMapSchema(language: QueryLanguage) {
  return withRules(
    z.strictObject({
      ...inlineShape(language),
      ItemReader: itemReaderSchema(language).optional(),
      ItemBatcher: itemBatcherSchema(language).optional(),
      ResultWriter: resultWriterSchema.optional(),
      Label: name.optional(),
    }),
  );
}

function inlineShape(language: QueryLanguage) {
  return {
    ...common('Map'),
    ...workFlow,
    ...sequential,
    ...retryAndCatch,
    ResultSelector: anyJson.optional(),
    ItemsPath: text.optional(),
    Items: orExpression('JSONata', collection).optional(),
    ItemSelector: anyJson.optional(),
    ItemProcessor: jsonObject.optional(),
    Iterator: jsonObject.optional(),
    MaxConcurrency: orExpression(language, integer(0)).optional(),
    MaxConcurrencyPath: text.optional(),
    // AWS takes these in inline mode, too, where they change nothing.
    ToleratedFailureCount: orExpression(language, integer(0)).optional(),
    ToleratedFailureCountPath: text.optional(),
    ToleratedFailurePercentage: orExpression(language, decimal(0, 100)).optional(),
    ToleratedFailurePercentagePath: text.optional(),
  };
}

/** Iterator and Parameters are the older names of ItemProcessor and ItemSelector. */
function withRules<S extends z.ZodType>(shape: S): S {
  const alternatives = [
    ['MaxConcurrencyPath', 'MaxConcurrency'],
    ['ToleratedFailureCountPath', 'ToleratedFailureCount'],
    ['ToleratedFailurePercentagePath', 'ToleratedFailurePercentage'],
    ['ItemSelector', 'Parameters'],
  ];
  const complete = exactlyOneOf(exactlyOneOf(shape, ['Next', 'End']), ['ItemProcessor', 'Iterator']);
  return alternatives.reduce((schema, fields) => atMostOneOf(schema, fields), complete);
}
