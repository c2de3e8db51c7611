import { isArray, isObject, type Json } from '../../data/json.ts';
import { OPERATORS, type OperandType } from '../../states/choice/comparators.ts';
import type { ConditionSource } from '../../states/choice/compile-condition.ts';
import type { Faults } from '../faults.ts';
import { memberOf } from '../outline.ts';
import {
  anyJson,
  assign,
  common,
  decimal,
  exactlyOneOf,
  forObjects,
  inputAndOutput,
  name,
  orExpression,
  presentIn,
  text,
  timestamp,
} from './fields.ts';
import { check } from './issues.ts';
import { z } from './zod.ts';

export type ChoiceDefinition = z.infer<typeof choiceSchema>;

const KINDS = ['And', 'Or', 'Not', 'Variable', 'Condition'];
const OPERATOR_NAMES = [...OPERATORS.keys()];

const OPERAND: Readonly<Record<OperandType, z.ZodType>> = {
  string: text,
  number: decimal(-Number.MAX_VALUE),
  boolean: z.boolean(),
  timestamp,
};

const operators: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  [...OPERATORS.values()].map(({ name: operator, readsPath, comparator }) => [
    operator,
    (readsPath ? text : OPERAND[comparator.operandType]).optional(),
  ]),
);

/** A rule in And, Or or Not is checked by itself: zod's recursion would leave the stack where JSON may still go on. */
const nestedSource = z.custom<ConditionSource>((value) => isObject(value as Json), {
  error: 'Expected value of type [OBJECT]',
});

const condition = {
  ...operators,
  Comment: text.optional(),
  And: z.array(nestedSource).min(1).optional(),
  Or: z.array(nestedSource).min(1).optional(),
  Not: nestedSource.optional(),
  Variable: text.optional(),
  Condition: orExpression('JSONata', z.boolean()).optional(),
};

/** A rule inside And, Or or Not leads nowhere itself. */
const nestedRule = oneCondition(z.strictObject(condition));

const topRule = oneCondition(
  z.strictObject({ ...condition, ...assign, Next: name, Output: anyJson.optional() }),
);

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
export const choiceSchema = z.strictObject({
  ...common('Choice'),
  ...inputAndOutput,
  ...assign,
  Choices: z.array(topRule).min(1),
  Default: name.optional(),
});

/**
 * Checks the rules inside the rules of a Choice state.
 * @param source of the state
 * @returns whether they are all right
 */
export function checkNestedRules(source: Json, location: string, faults: Faults): boolean {
  const choices = memberOf(source, 'Choices');
  if (!isArray(choices)) return true;
  return all(choices, (rule, i) => checkInside(rule, `${location}/Choices[${i}]`, faults));
}

function checkInside(rule: Json, location: string, faults: Faults): boolean {
  const checkRule = (inner: Json, place: string): boolean => {
    // What is no object at all has been reported with the list that holds it.
    if (!isObject(inner)) return true;
    const isRight = check(nestedRule, inner, place, faults) !== undefined;
    return checkInside(inner, place, faults) && isRight;
  };
  return all(['And', 'Or', 'Not'], (kind) => {
    const inside = memberOf(rule, kind) ?? null;
    const place = `${location}/${kind}`;
    return isArray(inside)
      ? all(inside, (inner, i) => checkRule(inner, `${place}[${i}]`))
      : checkRule(inside, place);
  });
}

/** Like `every`, but looks at all items: each may have faults to report. */
function all<T>(items: readonly T[], holds: (item: T, index: number) => boolean): boolean {
  return items.map(holds).every(Boolean);
}

function oneCondition<S extends z.ZodType<ConditionSource>>(rule: S): S {
  const isOne = (value: object): boolean => presentIn(value, KINDS).length === 1;
  const isComparison = (value: object): boolean => presentIn(value, ['Variable']).length > 0;
  const ofOneKind = rule
    .refine(isOne, {
      error: `The object must have only one of the following fields, [${KINDS.join(', ')}]`,
      when: forObjects(() => true),
    })
    .refine((value) => presentIn(value, OPERATOR_NAMES).length === 0, {
      error: ({ input }) => `Field '${presentIn(input as object, OPERATOR_NAMES)[0]}' is not supported`,
      when: forObjects((value) => isOne(value) && !isComparison(value)),
    });
  return exactlyOneOf(ofOneKind, OPERATOR_NAMES, isComparison);
}
