import type { Diagnostic } from '../machine/definition.ts';
import type { Machine, Scope, State } from '../machine/machine.ts';
import { parseDefinition, parseStateDefinition } from '../machine/parse.ts';

/** What AWS calls a state under test, whatever its name in the definition. */
export const STATE_NAME = 'StateName';

/** The state that a TestState request means. */
export interface StateUnderTest {
  readonly machine: Machine;
  readonly state: State;
  /** It belongs to the iterations of a Map. */
  readonly isInMap: boolean;
}

export type FoundState =
  | { readonly kind: 'found'; readonly subject: StateUnderTest }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'missing' };

/**
 * @param definition of one state; with a state's name: of a whole machine
 * @param name of any state in that machine, those inside Parallel and Map included
 */
export function findStateUnderTest(definition: string, name: string | undefined): FoundState {
  const parsed =
    name === undefined
      ? parseStateDefinition(definition, STATE_NAME)
      : parseDefinition(definition, 'STANDARD');
  if (!parsed.ok) return { kind: 'invalid', diagnostics: parsed.diagnostics };
  const { machine } = parsed;
  const state = machine.allStates.get(name ?? STATE_NAME);
  if (state === undefined) return { kind: 'missing' };
  return { kind: 'found', subject: { machine, state, isInMap: mapHolds(machine, state, false) } };
}

/** @param inMap whether the scope belongs to the iterations of a Map */
function mapHolds(scope: Scope, wanted: State, inMap: boolean): boolean {
  return [...scope.states.values()].some((state) => {
    if (state === wanted) return inMap;
    if (state.type === 'Map') return mapHolds(state.processor, wanted, true);
    return state.type === 'Parallel' && state.branches.some((branch) => mapHolds(branch, wanted, inMap));
  });
}
