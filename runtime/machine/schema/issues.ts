/** The one place where zod's findings become AWS's messages. */

import type { Faults } from '../faults.ts';
import type { z } from './zod.ts';

type Issue = z.core.$ZodIssue;

/** Fields that decide about the others: AWS names them one by one when they are missing. */
const DISCRIMINATORS = new Set(['Type', 'InputType', 'CSVHeaderLocation']);

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'Integer',
  string: '[STRING]',
  number: '[NUMBER]',
  boolean: '[BOOLEAN]',
  array: '[ARRAY]',
  object: '[OBJECT]',
};

/**
 * Checks a value, and reports its faults.
 * @param location where the value stands in the definition
 * @returns the typed value; undefined when it has faults
 */
export function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  location: string,
  faults: Faults,
): T | undefined {
  const checked = schema.safeParse(value, { reportInput: true });
  if (checked.success) return checked.data;
  reportIssues(checked.error.issues.flatMap(flattenUnion), location, faults);
  return undefined;
}

function reportIssues(issues: readonly Issue[], location: string, faults: Faults): void {
  const missing = Map.groupBy(issues.filter(isMissing), (issue) => locate(location, issue.path.slice(0, -1)));
  for (const [place, fields] of missing) reportMissing(fields.map(fieldOf), place, faults);
  for (const issue of issues) {
    if (isMissing(issue)) continue;
    for (const message of messagesFor(issue)) faults.schema(message, locate(location, issue.path));
  }
}

function reportMissing(fields: readonly string[], location: string, faults: Faults): void {
  const listed = fields.filter((field) => !DISCRIMINATORS.has(field));
  if (listed.length > 0) faults.schema(`These fields are required: [${listed.join(', ')}]`, location);
  for (const field of fields) {
    if (DISCRIMINATORS.has(field)) faults.schema(`The field '${field}' is required`, location);
  }
}

function messagesFor(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [
        issue.message.startsWith('Expected') ? issue.message : `Expected value of type ${typeName(issue)}`,
      ];
    case 'invalid_value':
      return [`Value should be one of the following: [${issue.values.map(String).join(', ')}]`];
    case 'unrecognized_keys':
      return issue.keys.map((key) => `Field '${key}' is not supported`);
    case 'too_small':
      return [isContent(issue.origin) ? 'Value cannot be empty' : `Minimum value is ${issue.minimum}`];
    case 'too_big':
      return [`Maximum value is ${issue.maximum}`];
    default:
      return [issue.message];
  }
}

function typeName(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  return TYPE_NAMES[issue.expected] ?? issue.expected;
}

function isContent(origin: string): boolean {
  return origin === 'string' || origin === 'array';
}

/** A union is `{% expression %}` or a literal: what is wrong with the literal counts. */
function flattenUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  return (issue.errors.at(-1) ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isMissing(issue: Issue): boolean {
  return issue.input === undefined && typeof issue.path.at(-1) === 'string';
}

function fieldOf(issue: Issue): string {
  return String(issue.path.at(-1));
}

/** `/States/Charge` and `['Retry', 0, 'BackoffRate']` to `/States/Charge/Retry[0]/BackoffRate`. */
function locate(location: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `/${String(step)}`)).join('');
  return location === '/' && steps !== '' ? steps : `${location}${steps}`;
}
