/** Holds a mocked result against the service model: AWS's rules, and its words for the first one that is broken. */
import {
  isArray,
  isNumber,
  isObject,
  type Json,
  type JsonObject,
  member,
  toNumber,
} from '../../runtime/data/json.ts';
import { awsError } from '../errors.ts';
import { type AnswerModel, type AnswerShape, answerModel } from './answer-models/answer-models.ts';
import type { AnsweredOperation } from './answered-operation.ts';

interface Check {
  readonly shapes: AnswerModel['shapes'];
  /** Whether required members must be there. */
  readonly requireAll: boolean;
}

const TYPES: Readonly<
  Record<AnswerShape['type'], { readonly has: (value: Json) => boolean; readonly noun: string }>
> = {
  structure: { has: isObject, noun: 'an object' },
  map: { has: isObject, noun: 'an object' },
  list: { has: isArray, noun: 'an array' },
  string: { has: (value) => typeof value === 'string', noun: 'a string' },
  number: { has: isNumber, noun: 'a number' },
  boolean: { has: (value) => typeof value === 'boolean', noun: 'a boolean' },
};

/**
 * Checks types, enums, lengths and ranges of what is there. Members that the model does not know may be anything, and
 * so may be everything where there is no model. A null member counts as absent: Step Functions leaves those out of
 * results.
 * @throws AwsError ValidationException
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
 */
export function checkAnswer(
  answer: JsonObject,
  { service, operation, spelling, parsedMember }: AnsweredOperation,
  { requireAll }: { readonly requireAll: boolean },
): void {
  const model = answerModel(service, spelling);
  const shape = model?.operations[operation];
  if (model === undefined || shape === undefined) return;
  const checked = Object.fromEntries(Object.entries(answer).filter(([name]) => name !== parsedMember));
  checkValue({ shapes: model.shapes, requireAll }, checked, shape, operation);
}

/**
 * @param name of the shape
 * @param field what a fault is said to be in: the last member on the way to the value
 */
function checkValue(check: Check, value: Json, name: string, field: string): void {
  const shape = check.shapes[name] as AnswerShape;
  const { has, noun } = TYPES[shape.type];
  if (!has(value)) throw schemaFault(`Field '${field}' must be ${noun}`);
  checkConstraints(value, shape, field);
  if (shape.type === 'structure') checkMembers(check, value as JsonObject, shape);
  else if (shape.item !== undefined) checkItems(check, value, shape.item, field);
}

function checkItems(check: Check, value: Json, item: string, field: string): void {
  if (isArray(value)) for (const inner of value) checkValue(check, inner, item, field);
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) if (inner !== null) checkValue(check, inner, item, key);
}

function checkMembers(check: Check, value: JsonObject, { members = {}, required = [] }: AnswerShape): void {
  if (check.requireAll)
    for (const name of required)
      if ((member(value, name) ?? null) === null) throw schemaFault(`Required field '${name}' is missing`);
  for (const [name, inner] of Object.entries(value))
    if (inner !== null && Object.hasOwn(members, name))
      checkValue(check, inner, members[name] as string, name);
}

function checkConstraints(value: Json, { enum: values, min, max }: AnswerShape, field: string): void {
  if (values !== undefined && !values.includes(value as string))
    throw schemaFault(`Field '${field}' is not an expected value`);
  const size = sizeOf(value);
  if (min !== undefined && size < min)
    throw schemaFault(
      `Field '${field}' is ${isNumber(value) ? 'less than the minimum value' : 'smaller than the minimum length'}`,
    );
  if (max !== undefined && size > max)
    throw schemaFault(`Field '${field}' exceeds the maximum ${isNumber(value) ? 'value' : 'length'}`);
}

function sizeOf(value: Json): number {
  if (isNumber(value)) return toNumber(value);
  if (typeof value === 'string' || isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}

function schemaFault(fault: string) {
  return awsError('ValidationException', `Mock result schema validation error: ${fault}`);
}
