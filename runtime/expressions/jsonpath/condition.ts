import {
  compareNumbers,
  isArray,
  isNumber,
  isObject,
  type Json,
  numbersEqual,
  toNumber,
} from '../../data/json.ts';
import { matchesWhole } from '../regex/linear-regex.ts';
import { pathFunctions } from './functions.ts';
import { compileFinder, type Walk } from './selection.ts';
import type { ComparisonOperator, Condition, Operand } from './syntax.ts';

type Test = (node: Json, walk: Walk) => boolean;

/** Undefined: the path of the operand leads nowhere. */
type Value = Json | undefined;

export function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case 'or': {
      const tests = condition.conditions.map(compileCondition);
      return (node, walk) => tests.some((test) => test(node, walk));
    }
    case 'and': {
      const tests = condition.conditions.map(compileCondition);
      return (node, walk) => tests.every((test) => test(node, walk));
    }
    case 'not': {
      const test = compileCondition(condition.condition);
      return (node, walk) => !test(node, walk);
    }
    case 'exists':
      return compileExistence(condition.operand);
    case 'match': {
      const operand = compileOperand(condition.operand);
      return (node, walk) => {
        const value = operand(node, walk);
        const texts = (isArray(value) ? value : [value]).map(matchableText);
        return texts.some((text) => text !== undefined && matchesWhole(condition.regex, text, walk.budget));
      };
    }
    case 'comparison': {
      const left = compileOperand(condition.left);
      const right = compileOperand(condition.right);
      const compare = comparisons[condition.operator];
      return (node, walk) => compare(left(node, walk), right(node, walk), walk);
    }
  }
}

/** A path that can lead to many nodes exists if it leads to any. */
function compileExistence(operand: Operand): Test {
  const operandOf = compileOperand(operand);
  const many =
    operand.kind === 'path' && operand.segments.some(({ kind }) => kind !== 'member' && kind !== 'index');
  return (node, walk) => {
    const value = operandOf(node, walk);
    return many && isArray(value) ? value.length > 0 : value !== undefined;
  };
}

function compileOperand(operand: Operand): (node: Json, walk: Walk) => Value {
  if (operand.kind === 'literal') return () => operand.value;
  const find = compileFinder(operand.segments);
  return (node, walk) => {
    const result = find(operand.root === '@' ? node : walk.document, walk);
    return result.found ? result.value : undefined;
  };
}

const comparisons: Record<ComparisonOperator, (left: Value, right: Value, walk: Walk) => boolean> = {
  '==': equals,
  '!=': (left, right, walk) => !equals(left, right, walk),
  '<': (left, right) => order(left, right) < 0,
  '<=': (left, right) => order(left, right) <= 0,
  '>': (left, right) => order(left, right) > 0,
  '>=': (left, right) => order(left, right) >= 0,
  in: (left, right, walk) => isArray(right) && right.some((item) => equals(left, item, walk)),
  nin: (left, right, walk) => !(isArray(right) && right.some((item) => equals(left, item, walk))),
  subsetof: (left, right, walk) =>
    isArray(left) && isArray(right) && left.every((item) => right.some((other) => equals(item, other, walk))),
  contains: (left, right, walk) => {
    if (typeof left === 'string') return typeof right === 'string' && left.includes(right);
    return isArray(left) && left.some((item) => equals(item, right, walk));
  },
  size: (left, right) =>
    left !== undefined && isNumber(right) && pathFunctions.size(left) === toNumber(right),
  empty: (left, right) => left !== undefined && (pathFunctions.size(left) === 0) === right,
};

/** Deep equality. As in Jayway a number also equals the text that spells it; undefined equals only undefined. */
function equals(left: Value, right: Value, walk: Walk): boolean {
  walk.budget.spend(1);
  if (left === undefined || right === undefined) return left === right;
  if (isNumber(left) && isNumber(right)) return numbersEqual(left, right);
  if (isNumber(left)) return typeof right === 'string' && right !== '' && toNumber(left) === Number(right);
  if (isNumber(right)) return typeof left === 'string' && left === String(toNumber(right));
  if (isArray(left)) {
    return (
      isArray(right) && left.length === right.length && left.every((item, i) => equals(item, right[i], walk))
    );
  }
  if (!isObject(left) || !isObject(right)) return left === right;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equals(left[key], right[key], walk))
  );
}

/** Negative, zero or positive for two numbers or two strings; NaN for anything else: no comparison holds. */
function order(left: Value, right: Value): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

function matchableText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || isNumber(value) ? JSON.stringify(value) : undefined;
}
