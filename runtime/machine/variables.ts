/**
 * Workflow variables: how they may be named, which scopes may assign them, which states refer to them.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
import { isObject, type Json } from '../data/json.ts';
import { isFunctionName } from '../expressions/jsonata.ts';
import type { Faults } from './faults.ts';
import { transitionsOf } from './graph.ts';
import type { VariableReferences } from './machine.ts';
import {
  isDistributed,
  memberOf,
  type OutlinedScope,
  type OutlinedState,
  partsOf,
  statesIn,
} from './outline.ts';

interface Assignment {
  readonly name: string;
  /** Of the Assign that it stands in. */
  readonly location: string;
}

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const NAME_LENGTH_MAX = 80;

export function checkVariables(machine: OutlinedScope, faults: Faults): void {
  const states = statesIn(machine);
  for (const assignment of states.flatMap(assignmentsOf)) checkName(assignment, faults);
  const nested = states.flatMap(({ scopes }) => scopes).flatMap((scope) => scope.states);
  const names = new Set(nested.flatMap(assignmentsOf).map(({ name }) => name));
  checkScope(machine, { outer: new Set(), nested: names }, faults);
}

/**
 * The variables that the expressions of each state refer to. In JSONata `$count` is a function, unless some state
 * assigns a variable of that name.
 * @param names what the expressions name, as compiling them has found
 */
export function variableReferences(
  machine: OutlinedScope,
  names: ReadonlyMap<OutlinedState, ReadonlySet<string>>,
): VariableReferences {
  const states = statesIn(machine);
  const assigned = new Set(states.flatMap(assignmentsOf).map(({ name }) => name));
  const references = new Map<string, readonly string[]>();
  for (const state of states) {
    const variables = [...(names.get(state) ?? [])].filter(
      (name) => assigned.has(name) || state.language === 'JSONPath' || !isFunctionName(name),
    );
    if (variables.length > 0) references.set(state.name, variables.sort());
  }
  return references;
}

function checkName({ name, location }: Assignment, faults: Faults): void {
  if (name === 'states') {
    faults.error('RESERVED_VARIABLE_NAME', `Cannot assign to reserved variable '$states'.`, location);
  } else if (!NAME.test(name)) {
    reportName(name, 'the variable name contains invalid characters', location, faults);
  } else if (name.length > NAME_LENGTH_MAX) {
    reportName(name, `the variable name exceeds ${NAME_LENGTH_MAX} characters`, location, faults);
  }
}

interface Names {
  /** May have a value in the scopes around. */
  readonly outer: ReadonlySet<string>;
  /** Are assigned in any scope but the machine's own. */
  readonly nested: ReadonlySet<string>;
}

/**
 * A branch or an iteration reads the variables of the scopes around it, and cannot assign them. A name that the
 * scope around assigns only afterwards is free: AWS accepts a catcher of the Parallel state that assigns the same
 * variable as a branch of it. AWS's words for the refusal are not known; these are ours.
 */
function checkScope(scope: OutlinedScope, { outer, nested }: Names, faults: Faults): void {
  for (const { name, location } of scope.states.flatMap(assignmentsOf)) {
    if (outer.has(name))
      reportName(name, 'the variable is already assigned in an outer scope', location, faults);
  }
  const nesting = scope.states.filter(({ scopes }) => scopes.length > 0);
  if (nesting.length === 0) return;
  const assignedBefore = findAssignedBefore(scope, nested);
  for (const state of nesting) {
    // The iterations of a distributed Map are executions of their own, which see no variables from outside.
    const visible = new Set(isDistributed(state) ? [] : [...outer, ...assignedBefore(state)]);
    for (const inner of state.scopes) checkScope(inner, { outer: visible, nested }, faults);
  }
}

/**
 * @param wanted the names to look for
 * @returns what tells which variables of the scope may have a value when a state of it is entered
 */
function findAssignedBefore(
  scope: OutlinedScope,
  wanted: ReadonlySet<string>,
): (state: OutlinedState) => ReadonlySet<string> {
  const transitions = scope.states.flatMap((state) =>
    transitionsOf(state).map(({ target, holder }) => ({
      from: state.name,
      target,
      names: namesIn(holder, state).filter((name) => wanted.has(name)),
    })),
  );
  if (transitions.every(({ names }) => names.length === 0)) return () => new Set();
  const transitionsTo = Map.groupBy(transitions, ({ target }) => target);
  return (state) => {
    const assigned = new Set<string>();
    const reached = new Set([state.name]);
    for (const target of reached) {
      for (const { from, names } of transitionsTo.get(target) ?? []) {
        for (const name of names) assigned.add(name);
        reached.add(from);
      }
    }
    return assigned;
  };
}

/** Each Assign of a state: its own, those of choice rules and of catchers. */
function assignmentsOf(state: OutlinedState): Assignment[] {
  return partsOf(state).flatMap(({ source, location }) =>
    namesIn(source, state).map((name) => ({ name, location: `${location}/Assign` })),
  );
}

/** The names that an object's Assign gives values to. */
function namesIn(holder: Json, { language }: OutlinedState): string[] {
  const assign = memberOf(holder, 'Assign');
  if (!isObject(assign)) return [];
  const keys = Object.keys(assign);
  return language === 'JSONPath' ? keys.map((key) => key.replace(/\.\$$/, '')) : keys;
}

function reportName(name: string, fault: string, location: string, faults: Faults): void {
  faults.error('INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${fault}.`, location);
}
