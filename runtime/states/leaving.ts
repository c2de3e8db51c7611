import { type Departure, departure } from '../data/flow.ts';
import type { Payload } from '../data/payload.ts';
import { checkSize, checkVariables } from '../data/size.ts';
import type { EventType } from '../execution/event.ts';
import type { Turn } from '../execution/step.ts';
import type { State } from '../machine/machine.ts';

type ExitType = Extract<EventType, `${string}StateExited`>;
type LeavableState = Exclude<State, { type: 'Fail' }>;

/** Written out, as in entering.ts. */
const EXITED: { readonly [T in LeavableState['type']]: `${T}StateExited` & ExitType } = {
  Pass: 'PassStateExited',
  Task: 'TaskStateExited',
  Choice: 'ChoiceStateExited',
  Wait: 'WaitStateExited',
  Succeed: 'SucceedStateExited',
  Parallel: 'ParallelStateExited',
  Map: 'MapStateExited',
};

/**
 * Leaves a state the regular way.
 * @param result the raw result of its work; undefined for states that have none
 * @throws StateFailure when output processing fails
 */
export function leave(
  turn: Turn,
  state: LeavableState,
  next: string | null,
  result: Payload | undefined,
  effective: Payload,
  override?: Parameters<typeof departure>[4],
): void {
  exit(turn, state, next, departure(turn, state.flow, result, effective, override));
}

/**
 * Writes the StateExited event; `next` null ends the scope.
 * @throws StateFailure when the output or the variables are too large
 */
export function exit(
  turn: Turn,
  state: LeavableState,
  next: string | null,
  { output, assigned }: Departure,
): void {
  const { maxPayloadBytes } = turn.step.limits;
  checkSize(output, maxPayloadBytes, state.name);
  const isAssigning = assigned !== undefined && Object.keys(assigned).length > 0;
  if (isAssigning)
    checkVariables(Object.values(assigned), keptVariables(turn, assigned), maxPayloadBytes, state.name);
  const details = { name: state.name, output: output.compact };
  turn.emit(EXITED[state.type], isAssigning ? { ...details, assignedVariables: assigned } : details, {
    next,
  });
}

/** All variables of the execution but those that are assigned anew. */
function keptVariables({ step, branch }: Turn, assigned: Readonly<Record<string, Payload>>): Payload[] {
  return [...step.execution.branches.values()].flatMap(({ id, variables }) =>
    [...variables]
      .filter(([name]) => id !== branch.id || !Object.hasOwn(assigned, name))
      .map(([, variable]) => variable),
  );
}
