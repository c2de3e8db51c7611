/**
 * The comparison operators of a Choice rule in JSONPath: 23 with an operand written out, 16 of them also with an
 * operand read from a path (`StringEqualsPath`), 39 in all. Values of another type than the operator's never
 * compare: the test is false, and no failure.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import { isNumber, type Json, toNumber } from '../../data/json.ts';
import { parseInstant } from '../../data/timestamp.ts';
import { StringPattern } from './string-pattern.ts';

export type OperandType = 'string' | 'number' | 'boolean' | 'timestamp';

/** Tests a variable's value; undefined: the variable is not there. */
export type Test = (value: Json | undefined) => boolean;

export interface Comparator {
  readonly operandType: OperandType;
  /** Whether the operator also exists as `<name>Path`. */
  readonly hasPathVariant: boolean;
  /** The test against this operand. */
  against(operand: Json): Test;
}

const COMPARATORS = {
  StringEquals: ordered('string', text, (a, b) => a === b),
  StringLessThan: ordered('string', text, (a, b) => a < b),
  StringGreaterThan: ordered('string', text, (a, b) => a > b),
  StringLessThanEquals: ordered('string', text, (a, b) => a <= b),
  StringGreaterThanEquals: ordered('string', text, (a, b) => a >= b),
  NumericEquals: ordered('number', number, (a, b) => a === b),
  NumericLessThan: ordered('number', number, (a, b) => a < b),
  NumericGreaterThan: ordered('number', number, (a, b) => a > b),
  NumericLessThanEquals: ordered('number', number, (a, b) => a <= b),
  NumericGreaterThanEquals: ordered('number', number, (a, b) => a >= b),
  BooleanEquals: ordered('boolean', truth, (a, b) => a === b),
  TimestampEquals: ordered('timestamp', instant, (a, b) => a === b),
  TimestampLessThan: ordered('timestamp', instant, (a, b) => a < b),
  TimestampGreaterThan: ordered('timestamp', instant, (a, b) => a > b),
  TimestampLessThanEquals: ordered('timestamp', instant, (a, b) => a <= b),
  TimestampGreaterThanEquals: ordered('timestamp', instant, (a, b) => a >= b),
  StringMatches: { operandType: 'string', hasPathVariant: false, against: stringMatches },
  IsNull: typeTest((value) => value === null),
  IsPresent: typeTest((value) => value !== undefined),
  IsNumeric: typeTest((value) => isNumber(value)),
  IsString: typeTest((value) => typeof value === 'string'),
  IsBoolean: typeTest((value) => typeof value === 'boolean'),
  IsTimestamp: typeTest((value) => value !== undefined && instant(value) !== undefined),
} satisfies Record<string, Comparator>;

export type ComparatorName = keyof typeof COMPARATORS;

/** One of the 39 names, taken apart. */
export interface Operator {
  /** As written: `NumericEqualsPath`. */
  readonly name: string;
  readonly comparator: Comparator;
  /** Whether the operand is a path to the value to compare with. */
  readonly readsPath: boolean;
  /** Whether a variable that is not there can be tested: IsPresent alone. */
  readonly takesMissing: boolean;
}

/** All operators by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries<Comparator>(COMPARATORS).flatMap(([name, comparator]): [string, Operator][] => {
    const operator = { name, comparator, readsPath: false, takesMissing: name === 'IsPresent' };
    const path = { ...operator, name: `${name}Path`, readsPath: true };
    return comparator.hasPathVariant
      ? [
          [name, operator],
          [path.name, path],
        ]
      : [[name, operator]];
  }),
);

/** An operator that reads both sides as one type and compares them. */
function ordered<T>(
  operandType: OperandType,
  read: (value: Json) => T | undefined,
  holds: (value: T, operand: T) => boolean,
): Comparator {
  return {
    operandType,
    hasPathVariant: true,
    against(operand) {
      const right = read(operand);
      return (value) => {
        const left = value === undefined ? undefined : read(value);
        return left !== undefined && right !== undefined && holds(left, right);
      };
    },
  };
}

/** `Is…`: the operand `false` turns the answer round. */
function typeTest(holds: Test): Comparator {
  return {
    operandType: 'boolean',
    hasPathVariant: false,
    against: (operand) => (value) => holds(value) === (operand === true),
  };
}

function stringMatches(operand: Json): Test {
  const pattern = new StringPattern(String(operand));
  return (value) => typeof value === 'string' && pattern.matches(value);
}

function text(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: Json): number | undefined {
  return isNumber(value) ? toNumber(value) : undefined;
}

function truth(value: Json): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function instant(value: Json): bigint | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined;
}
