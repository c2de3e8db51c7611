/** Checks the shape of everything in a definition, and gives it back typed. */

import type { Faults } from '../faults.ts';
import type { QueryLanguage } from '../machine.ts';
import { isDistributed, memberOf, type OutlinedScope, type OutlinedState, STATE_TYPES } from '../outline.ts';
import { type ChoiceDefinition, checkNestedRules, choiceSchema } from './choice.ts';
import { type FailDefinition, failSchema } from './fail.ts';
import { check } from './issues.ts';
import {
  type DistributedMapDefinition,
  distributedMapSchema,
  type InlineMapDefinition,
  inlineMapSchema,
} from './map.ts';
import { type ParallelDefinition, parallelSchema } from './parallel.ts';
import { type PassDefinition, passSchema } from './pass.ts';
import { type MachineDefinition, scopeSchemas } from './scope.ts';
import { type SucceedDefinition, succeedSchema } from './succeed.ts';
import { type TaskDefinition, taskSchema } from './task.ts';
import { type WaitDefinition, waitSchema } from './wait.ts';
import type { z } from './zod.ts';

export type StateDefinition =
  | PassDefinition
  | TaskDefinition
  | ChoiceDefinition
  | WaitDefinition
  | SucceedDefinition
  | FailDefinition
  | ParallelDefinition
  | InlineMapDefinition
  | DistributedMapDefinition;

/** What has the right shape; whatever is missing here has been reported. */
export interface CheckedDefinition {
  readonly machine: MachineDefinition | undefined;
  readonly states: ReadonlyMap<OutlinedState, StateDefinition>;
}

type SchemaName = StateDefinition['Type'] | 'DistributedMap';

/** Zod schemas take a moment to build: each is built once. */
const SCHEMAS: Readonly<Record<QueryLanguage, Readonly<Record<SchemaName, z.ZodType<StateDefinition>>>>> = {
  JSONPath: schemasFor('JSONPath'),
  JSONata: schemasFor('JSONata'),
};

function schemasFor(language: QueryLanguage): Record<SchemaName, z.ZodType<StateDefinition>> {
  return {
    Pass: passSchema,
    Task: taskSchema(language),
    Choice: choiceSchema,
    Wait: waitSchema(language),
    Succeed: succeedSchema,
    Fail: failSchema,
    Parallel: parallelSchema,
    Map: inlineMapSchema(language),
    DistributedMap: distributedMapSchema(language),
  };
}

export function checkShapes(outline: OutlinedScope, faults: Faults): CheckedDefinition {
  const machine = check(scopeSchemas.machine, outline.source, outline.location, faults);
  return { machine, states: checkStates(outline, faults) };
}

/** The states of a machine that is not looked at itself. */
export function checkStates(outline: OutlinedScope, faults: Faults): CheckedDefinition['states'] {
  const states = new Map<OutlinedState, StateDefinition>();
  for (const state of outline.states) checkState(state, states, faults);
  return states;
}

function checkScope(scope: OutlinedScope, states: Map<OutlinedState, StateDefinition>, faults: Faults): void {
  check<unknown>(scopeSchemas[scope.role], scope.source, scope.location, faults);
  for (const state of scope.states) checkState(state, states, faults);
}

function checkState(state: OutlinedState, states: Map<OutlinedState, StateDefinition>, faults: Faults): void {
  const { type, source, location, language } = state;
  if (type === undefined) {
    reportType(state, faults);
    return;
  }
  const schema = SCHEMAS[language][isDistributed(state) ? 'DistributedMap' : type];
  const definition = check(schema, source, location, faults);
  const insideIsRight = type !== 'Choice' || checkNestedRules(source, location, faults);
  if (definition !== undefined && insideIsRight) states.set(state, definition);
  for (const scope of state.scopes) checkScope(scope, states, faults);
}

/** Without a known Type nothing more can be said of a state. */
function reportType({ source, location }: OutlinedState, faults: Faults): void {
  const type = memberOf(source, 'Type');
  if (type === undefined) faults.schema(`The field 'Type' is required`, location);
  else {
    const known = `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`;
    faults.schema(known, `${location}/Type`);
  }
}
