/**
 * The outline of a definition: its scopes and states with their places, read from JSON of any shape. All checks
 * walk the outline, so that each finds what it can find, whatever else is wrong.
 */
import { isArray, isObject, type Json, type JsonObject, member } from '../data/json.ts';
import type { QueryLanguage, StateType } from './machine.ts';

export type ScopeRole = 'machine' | 'branch' | 'processor';

export interface OutlinedScope {
  readonly role: ScopeRole;
  /** `/` or `/States/Each/ItemProcessor`. */
  readonly location: string;
  readonly source: Json;
  /** In document order; empty when there is no readable `States`. */
  readonly states: readonly OutlinedState[];
}

export interface OutlinedState {
  readonly name: string;
  /** `/States/Each/ItemProcessor/States/Charge`. */
  readonly location: string;
  readonly source: Json;
  /** Undefined when Type is missing or unknown. */
  readonly type: StateType | undefined;
  readonly language: QueryLanguage;
  /** The scopes of a Parallel or Map state. */
  readonly scopes: readonly OutlinedScope[];
}

/** In the order in which AWS lists them. */
export const STATE_TYPES: readonly StateType[] = [
  'Task',
  'Wait',
  'Pass',
  'Succeed',
  'Fail',
  'Choice',
  'Parallel',
  'Map',
];

export const STATE_NAME_LENGTH_MAX = 80;

export function outlineDefinition(definition: JsonObject): OutlinedScope {
  const language = ownLanguage(definition) ?? 'JSONPath';
  return outlineScope('machine', '/', definition, language);
}

/** One state, as if it were all there is of a machine. */
export function outlineLoneState(name: string, source: JsonObject): OutlinedScope {
  const state = outlineState(name, '', source, 'JSONPath');
  return { role: 'machine', location: '/', source: { StartAt: name }, states: [state] };
}

/** All states, each before those inside it: the order of the document. */
export function statesIn(scope: OutlinedScope, found: OutlinedState[] = []): readonly OutlinedState[] {
  for (const state of scope.states) {
    found.push(state);
    for (const inner of state.scopes) statesIn(inner, found);
  }
  return found;
}

/** All scopes, each before those inside it. */
export function scopesIn(scope: OutlinedScope): readonly OutlinedScope[] {
  return [scope, ...statesIn(scope).flatMap(({ scopes }) => scopes)];
}

/** Own member of what may be any JSON. */
export function memberOf(source: Json | undefined, name: string): Json | undefined {
  return isObject(source) ? member(source, name) : undefined;
}

/** An object that has fields as a state has them. */
export interface OutlinedPart {
  readonly source: JsonObject;
  readonly location: string;
}

const PARTS = [
  'Catch',
  'Choices',
  'And',
  'Or',
  'Not',
  'ItemReader',
  'ReaderConfig',
  'ItemBatcher',
  'ResultWriter',
];

/** The state itself, its catchers and choice rules, its item reader …; not the states inside it. */
export function partsOf({ source, location }: OutlinedState): readonly OutlinedPart[] {
  return partsIn(source, location, []);
}

function partsIn(source: Json, location: string, found: OutlinedPart[]): readonly OutlinedPart[] {
  if (!isObject(source)) return found;
  found.push({ source, location });
  for (const field of PARTS) {
    const inner = memberOf(source, field);
    const place = `${location}/${field}`;
    if (isArray(inner)) for (const [i, item] of inner.entries()) partsIn(item, `${place}[${i}]`, found);
    else if (inner !== undefined) partsIn(inner, place, found);
  }
  return found;
}

/** Whether a Map state's iterations are child executions. */
export function isDistributed({ source }: OutlinedState): boolean {
  const processor = memberOf(source, 'ItemProcessor') ?? memberOf(source, 'Iterator');
  const mode = memberOf(memberOf(processor, 'ProcessorConfig'), 'Mode');
  return memberOf(source, 'Type') === 'Map' && mode === 'DISTRIBUTED';
}

/** A state's QueryLanguage, else the machine's: a state around it has no say. */
function outlineState(
  name: string,
  location: string,
  source: Json,
  machineLanguage: QueryLanguage,
): OutlinedState {
  const type = memberOf(source, 'Type');
  return {
    name,
    location,
    source,
    type: STATE_TYPES.find((known) => known === type),
    language: ownLanguage(source) ?? machineLanguage,
    scopes: outlineInnerScopes(source, location, machineLanguage),
  };
}

function outlineInnerScopes(source: Json, location: string, language: QueryLanguage): OutlinedScope[] {
  const scope = (role: ScopeRole, field: string, inner: Json | undefined): OutlinedScope[] =>
    isObject(inner) ? [outlineScope(role, `${location}/${field}`, inner, language)] : [];
  if (memberOf(source, 'Type') === 'Parallel') {
    const branches = memberOf(source, 'Branches');
    return isArray(branches)
      ? branches.flatMap((branch, i) => scope('branch', `Branches[${i}]`, branch))
      : [];
  }
  if (memberOf(source, 'Type') !== 'Map') return [];
  return [
    ...scope('processor', 'ItemProcessor', memberOf(source, 'ItemProcessor')),
    ...scope('processor', 'Iterator', memberOf(source, 'Iterator')),
  ];
}

function outlineScope(
  role: ScopeRole,
  location: string,
  source: JsonObject,
  machineLanguage: QueryLanguage,
): OutlinedScope {
  const states = member(source, 'States');
  const prefix = location === '/' ? '' : location;
  return {
    role,
    location,
    source,
    states: isObject(states)
      ? Object.entries(states).map(([name, state]) =>
          outlineState(name, `${prefix}/States/${shownName(name)}`, state, machineLanguage),
        )
      : [],
  };
}

/** AWS takes any value but exactly `JSONPath` for JSONata, besides complaining about it. */
function ownLanguage(source: Json): QueryLanguage | undefined {
  const language = memberOf(source, 'QueryLanguage');
  if (language === undefined) return undefined;
  return language === 'JSONPath' ? 'JSONPath' : 'JSONata';
}

/** Names too long to be valid are cut, so that locations stay short however the states are nested. */
function shownName(name: string): string {
  return name.length <= STATE_NAME_LENGTH_MAX ? name : `${name.slice(0, STATE_NAME_LENGTH_MAX)}…`;
}
