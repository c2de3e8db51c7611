/** The shapes of single fields, and rules about which of them may stand together. */

import {
  isArray,
  isNumber,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  toNumber,
} from '../../data/json.ts';
import { parseTimestamp } from '../../data/timestamp.ts';
import { isExpression } from '../../expressions/expression-text.ts';
import type { QueryLanguage, StateType } from '../machine.ts';
import { z } from './zod.ts';

export const SECONDS_MAX = 99_999_999;

export const text = z.string();
export const name = z.string().min(1);
/** Null means something of its own in InputPath, OutputPath and ResultPath. */
export const nullablePath = z.string().nullable();
export const anyJson = z.custom<Json>();
export const jsonObject = z.custom<JsonObject>((value) => isObject(value as Json), {
  error: 'Expected value of type [OBJECT]',
});
/** A list of items, or an object that stands for its members. */
export const collection = z.custom<JsonArray | JsonObject>(
  (value) => isArray(value as Json) || isObject(value as Json),
  { error: 'Expected value of type [ARRAY]' },
);
export const timestamp = z.string().refine((value) => parseTimestamp(value) !== undefined, {
  error: 'String does not match RFC3339 timestamp',
});

/** A number may come as its source text (`2.0`): see data/json.ts. */
function plainNumber(value: unknown): unknown {
  return isNumber(value as Json) ? toNumber(value as number) : value;
}

export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  const error: z.core.$ZodErrorMap = ({ code }) =>
    code === 'invalid_type' ? 'Expected value of type Integer' : undefined;
  return z.preprocess(plainNumber, z.int({ error }).min(minimum).max(maximum)) as z.ZodType<number>;
}

export function decimal(minimum: number, maximum = Number.MAX_VALUE): z.ZodType<number> {
  return z.preprocess(plainNumber, z.number().min(minimum).max(maximum)) as z.ZodType<number>;
}

/** Aborts, so that a union goes on to report what is wrong with the literal. */
const expression = z.string().refine(isExpression, { abort: true });

/** In JSONata states most fields may be computed. */
export function orExpression<T>(language: QueryLanguage, literal: z.ZodType<T>): z.ZodType<T | string> {
  return language === 'JSONata' ? z.union([expression, literal]) : literal;
}

export function common<T extends StateType>(type: T) {
  return {
    Type: z.literal(type),
    Comment: text.optional(),
    QueryLanguage: z.enum(['JSONPath', 'JSONata']).optional(),
  };
}

/** The data flow of every state that has one. */
export const inputAndOutput = {
  InputPath: nullablePath.optional(),
  OutputPath: nullablePath.optional(),
  Output: anyJson.optional(),
};

export const assign = { Assign: jsonObject.optional() };

/** The data flow around a state's work. */
export const workFlow = {
  ...inputAndOutput,
  ...assign,
  Parameters: anyJson.optional(),
  ResultPath: nullablePath.optional(),
};

export const sequential = { Next: name.optional(), End: z.boolean().optional() };

type Present = (value: object) => boolean;
const ALWAYS: Present = () => true;

/**
 * AWS words it differently when none and when several of the fields are there.
 * @param applies whether the rule holds for this object
 */
export function exactlyOneOf<S extends z.ZodType>(
  schema: S,
  fields: readonly string[],
  applies: Present = ALWAYS,
): S {
  const some = schema.refine((value) => presentIn(value as object, fields).length > 0, {
    error: `This object should have only one of the following fields: [${fields.join(', ')}]`,
    when: forObjects(applies),
  });
  return atMostOneOf(some, fields, applies);
}

export function atMostOneOf<S extends z.ZodType>(
  schema: S,
  fields: readonly string[],
  applies: Present = ALWAYS,
): S {
  return schema.refine((value) => presentIn(value as object, fields).length < 2, {
    error: `There should only be one of the following fields: [${fields.join(', ')}]`,
    when: forObjects(applies),
  });
}

/** Such rules are checked on every object, whatever else is wrong with it. */
export function forObjects(applies: Present) {
  return ({ value }: { readonly value: unknown }): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && applies(value);
}

/** The fields that are there. `End: false` says the same as no End. */
export function presentIn(value: object, fields: readonly string[]): string[] {
  const present = value as Readonly<Record<string, unknown>>;
  return fields.filter(
    (field) => present[field] !== undefined && !(field === 'End' && present[field] === false),
  );
}
