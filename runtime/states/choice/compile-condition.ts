/**
 * Choice rules to conditions.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import { unexpectedType } from '../../data/dynamic.ts';
import type { Json } from '../../data/json.ts';
import type { Environment } from '../../expressions/environment.ts';
import type { Path } from '../../expressions/expression.ts';
import { expressionText } from '../../expressions/expression-text.ts';
import { compileJsonata, type JsonataProblem } from '../../expressions/jsonata.ts';
import { parsePath } from '../../expressions/jsonpath/path.ts';
import { parseReferencePath } from '../../expressions/reference-path.ts';
import { runtimeFailure } from '../../failures/failure.ts';
import type { QueryLanguage } from '../../machine/machine.ts';
import { OPERATORS, type Operator } from './comparators.ts';
import type { ChoiceCondition } from './condition.ts';

/**
 * A rule of a checked definition: exactly one of And, Or, Not, Variable (then exactly one operator stands beside
 * it) or Condition.
 */
export interface ConditionSource {
  readonly And?: readonly ConditionSource[] | undefined;
  readonly Or?: readonly ConditionSource[] | undefined;
  readonly Not?: ConditionSource | undefined;
  readonly Variable?: string | undefined;
  readonly Condition?: boolean | string | undefined;
  readonly [operator: string]: unknown;
}

export interface ConditionProblem {
  /** Where it stands in the state: `Choices[0]/And[1]/Variable`. */
  readonly field: string;
  readonly code: 'SCHEMA_VALIDATION_FAILED' | JsonataProblem['code'];
  readonly message: string;
}

export type CompiledCondition =
  | {
      readonly ok: true;
      readonly condition: ChoiceCondition;
      /** The variables that it refers to, without `$`; each once. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ConditionProblem[] };

/**
 * Compiles a rule. Never throws on a checked one.
 * @param field where the rule stands in the state: `Choices[0]`
 */
export function compileCondition(
  rule: ConditionSource,
  language: QueryLanguage,
  field: string,
): CompiledCondition {
  const found: Found = { problems: [], variables: new Set() };
  const condition =
    language === 'JSONata' ? jsonataCondition(rule, field, found) : jsonPathCondition(rule, field, found);
  const { problems, variables } = found;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, condition, variables: [...variables] };
}

/** What compiling the parts of a rule comes across. */
interface Found {
  readonly problems: ConditionProblem[];
  readonly variables: Set<string>;
}

/** Stands in for what does not compile; its problem keeps it from ever being used. */
const NEVER: ChoiceCondition = { holds: () => false };

function jsonataCondition(
  { Condition: source = false }: ConditionSource,
  rule: string,
  found: Found,
): ChoiceCondition {
  if (typeof source === 'boolean') return { holds: () => source };
  const field = `${rule}/Condition`;
  const compiled = compileJsonata(source, field);
  if (!compiled.ok) {
    found.problems.push(...compiled.problems);
    return NEVER;
  }
  const { template } = compiled;
  for (const variable of compiled.variables) found.variables.add(variable);
  return {
    holds(environment) {
      const value = template.evaluate(environment);
      if (typeof value === 'boolean') return value;
      throw unexpectedType(
        { kind: 'template', field, source: expressionText(source), template },
        'boolean',
        value,
      );
    },
  };
}

/** And and Or stop at the first rule that decides, so that IsPresent can guard the rules behind it. */
function jsonPathCondition(rule: ConditionSource, field: string, found: Found): ChoiceCondition {
  const { And, Or, Not } = rule;
  const each = (name: string, rules: readonly ConditionSource[]): ChoiceCondition[] =>
    rules.map((inner, i) => jsonPathCondition(inner, `${field}/${name}[${i}]`, found));
  if (And) {
    const conditions = each('And', And);
    return { holds: (environment) => conditions.every((condition) => condition.holds(environment)) };
  }
  if (Or) {
    const conditions = each('Or', Or);
    return { holds: (environment) => conditions.some((condition) => condition.holds(environment)) };
  }
  if (Not) {
    const condition = jsonPathCondition(Not, `${field}/Not`, found);
    return { holds: (environment) => !condition.holds(environment) };
  }
  return comparison(rule, field, found);
}

function comparison(rule: ConditionSource, field: string, found: Found): ChoiceCondition {
  if (rule.Variable === undefined) return NEVER;
  const operator = Object.keys(rule).flatMap((name) => OPERATORS.get(name) ?? [])[0];
  const variable = compilePath(rule.Variable, `${field}/Variable`, found);
  if (operator === undefined || variable === undefined) return NEVER;
  const operand = rule[operator.name] as Json;
  if (!operator.readsPath) {
    const test = operator.comparator.against(operand);
    return { holds: (environment) => test(variableValue(variable, operator, environment)) };
  }
  const path = compilePath(operand, `${field}/${operator.name}`, found);
  if (path === undefined) return NEVER;
  return {
    holds(environment) {
      const value = variableValue(variable, operator, environment);
      return operator.comparator.against(singleValue(path, environment) ?? missing(path))(value);
    },
  };
}

/** A reference path; AWS takes wider ones, too, where they lead to one value. */
function compilePath(source: unknown, field: string, found: Found): Path | undefined {
  const text = String(source);
  const wide = parsePath(text);
  if (wide.ok) {
    for (const variable of wide.variables) found.variables.add(variable);
    return wide.path;
  }
  const reference = parseReferencePath(text);
  const { message } = reference.ok ? wide : reference;
  found.problems.push({ field, code: 'SCHEMA_VALIDATION_FAILED', message });
  return undefined;
}

/** @throws StateFailure when the variable is not there and the operator needs it */
function variableValue(path: Path, operator: Operator, environment: Environment): Json | undefined {
  const value = singleValue(path, environment);
  return value === undefined && !operator.takesMissing ? missing(path) : value;
}

function singleValue(path: Path, environment: Environment): Json | undefined {
  const resolved = path.resolve(environment);
  if (!resolved.found) return undefined;
  if (path.definite) return resolved.value;
  const values = resolved.value as readonly Json[];
  return values.length === 1 ? values[0] : undefined;
}

function missing(path: Path): never {
  throw runtimeFailure(
    `Invalid path '${path.source}': The choice state's condition path references an invalid value.`,
  );
}
