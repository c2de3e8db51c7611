import { Expressions } from './compile-expressions.ts';
import { compileState } from './compile-state.ts';
import type { Faults } from './faults.ts';
import type { Machine, Scope, State } from './machine.ts';
import { memberOf, type OutlinedScope, statesIn } from './outline.ts';
import type { CheckedDefinition } from './schema/definition.ts';

/**
 * Compiles what has the right shape, and reports the faults of its expressions. The machine is whole only if
 * nothing at all has been reported.
 */
export function compileMachine(outline: OutlinedScope, checked: CheckedDefinition, faults: Faults): Machine {
  const allStates = new Map<string, State>();
  return {
    ...compileScope(outline, checked, allStates, faults),
    timeoutSeconds: checked.machine?.TimeoutSeconds,
    usesJsonata: statesIn(outline).some(({ language }) => language === 'JSONata'),
    allStates,
  };
}

/** @param allStates takes the states of this scope and of those inside it */
function compileScope(
  scope: OutlinedScope,
  checked: CheckedDefinition,
  allStates: Map<string, State>,
  faults: Faults,
): Scope {
  const states = new Map<string, State>();
  for (const outlined of scope.states) {
    const scopes = outlined.scopes.map((inner) => compileScope(inner, checked, allStates, faults));
    const definition = checked.states.get(outlined);
    if (definition === undefined) continue;
    const expressions = new Expressions(outlined.language, outlined.location, faults);
    const state = compileState(definition, { state: outlined, expressions, scopes, faults });
    if (state === undefined) continue;
    states.set(outlined.name, state);
    allStates.set(outlined.name, state);
  }
  return { startAt: String(memberOf(scope.source, 'StartAt')), states };
}
