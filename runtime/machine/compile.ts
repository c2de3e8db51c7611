import { Expressions } from './compile-expressions.ts';
import { compileState } from './compile-state.ts';
import type { Faults } from './faults.ts';
import type { Machine, Scope, State } from './machine.ts';
import { memberOf, type OutlinedScope, type OutlinedState, statesIn } from './outline.ts';
import type { CheckedDefinition } from './schema/definition.ts';
import { variableReferences } from './variables.ts';

/**
 * Compiles what has the right shape, and reports the faults of its expressions. The machine is whole only if
 * nothing at all has been reported.
 */
export function compileMachine(outline: OutlinedScope, checked: CheckedDefinition, faults: Faults): Machine {
  const compiled: Compiled = { allStates: new Map(), names: new Map() };
  return {
    ...compileScope(outline, checked, compiled, faults),
    timeoutSeconds: checked.machine?.TimeoutSeconds,
    usesJsonata: statesIn(outline).some(({ language }) => language === 'JSONata'),
    allStates: compiled.allStates,
    variableReferences: variableReferences(outline, compiled.names),
    activityArns: activityArns(compiled.allStates),
  };
}

function activityArns(states: ReadonlyMap<string, State>): readonly string[] {
  const arns = [...states.values()].flatMap((state) =>
    state.type === 'Task' && state.resource.kind === 'activity' ? state.resource.arn : [],
  );
  return [...new Set(arns)];
}

/** What is gathered from all scopes. */
interface Compiled {
  readonly allStates: Map<string, State>;
  /** What the expressions of each state name: variables, and functions. */
  readonly names: Map<OutlinedState, ReadonlySet<string>>;
}

/** @param compiled takes what is in this scope and in those inside it */
function compileScope(
  scope: OutlinedScope,
  checked: CheckedDefinition,
  compiled: Compiled,
  faults: Faults,
): Scope {
  const states = new Map<string, State>();
  for (const outlined of scope.states) {
    const scopes = outlined.scopes.map((inner) => compileScope(inner, checked, compiled, faults));
    const definition = checked.states.get(outlined);
    if (definition === undefined) continue;
    const expressions = new Expressions(outlined, faults);
    const state = compileState(definition, { state: outlined, expressions, scopes });
    if (state === undefined) continue;
    states.set(outlined.name, state);
    compiled.allStates.set(outlined.name, state);
    compiled.names.set(outlined, expressions.variables);
  }
  return { startAt: String(memberOf(scope.source, 'StartAt')), states };
}
