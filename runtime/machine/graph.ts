/** The transitions between the states of a scope: where they lead, what they reach, where they end. */
import { isArray, isObject, type Json } from '../data/json.ts';
import type { Faults } from './faults.ts';
import { memberOf, type OutlinedScope, type OutlinedState, scopesIn } from './outline.ts';

/** What names no state at all is a fault of the schema, and no transition. */
interface Transition {
  readonly target: string;
  readonly location: string;
  /** The object that has the field: the state, a choice rule, a catcher. */
  readonly holder: Json;
}

/** First all missing targets, then what follows from the graph, scope by scope. */
export function checkGraph(machine: OutlinedScope, faults: Faults): void {
  const scopes = scopesIn(machine).filter(({ source }) => isObject(memberOf(source, 'States')));
  for (const scope of scopes) reportMissingTargets(scope, faults);
  for (const scope of scopes) {
    if (scope.states.some(isTerminal)) reportUnreachable(scope, faults);
    else faults.error('MISSING_END_STATE', 'Workflow has no terminal state', undefined);
  }
}

function reportMissingTargets(scope: OutlinedScope, faults: Faults): void {
  const names = new Set(scope.states.map(({ name }) => name));
  const transitions = [...entrance(scope), ...scope.states.flatMap(transitionsOf)];
  for (const { target, location } of transitions) {
    if (!names.has(target))
      faults.error('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${target}`, location);
  }
}

/** Without a StartAt that exists nothing is reachable, which would say nothing new. */
function reportUnreachable(scope: OutlinedScope, faults: Faults): void {
  const states = new Map(scope.states.map((state) => [state.name, state]));
  const start = states.get(entrance(scope)[0]?.target ?? '');
  if (start === undefined) return;
  const reached = new Set([start]);
  for (const state of reached) {
    for (const { target } of transitionsOf(state)) {
      const next = states.get(target);
      if (next !== undefined) reached.add(next);
    }
  }
  for (const state of scope.states) {
    if (!reached.has(state))
      faults.error('MISSING_TRANSITION_TARGET', `State "${state.name}" is not reachable.`, state.location);
  }
}

function isTerminal({ source }: OutlinedState): boolean {
  const type = memberOf(source, 'Type');
  if (type === 'Succeed' || type === 'Fail') return true;
  return typeof type === 'string' && memberOf(source, 'End') === true;
}

function entrance({ source, location }: OutlinedScope): Transition[] {
  return transition(source, 'StartAt', location === '/' ? '' : location);
}

export function transitionsOf({ source, location }: OutlinedState): Transition[] {
  return [
    ...transition(source, 'Next', location),
    ...listed(source, 'Choices', location),
    ...transition(source, 'Default', location),
    ...listed(source, 'Catch', location),
  ];
}

function listed(source: Json, field: string, location: string): Transition[] {
  const list = memberOf(source, field);
  if (!isArray(list)) return [];
  return list.flatMap((item, i) => transition(item, 'Next', `${location}/${field}[${i}]`));
}

function transition(source: Json, field: string, location: string): Transition[] {
  const target = memberOf(source, field);
  return typeof target === 'string' ? [{ target, location: `${location}/${field}`, holder: source }] : [];
}
