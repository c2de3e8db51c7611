import { type Departure, departure } from '../data/flow.ts';
import type { Payload } from '../data/payload.ts';
import { checkSize } from '../data/size.ts';
import type { EventType } from '../execution/event.ts';
import type { Turn } from '../execution/step.ts';
import type { State } from '../machine/machine.ts';

type ExitType = Extract<EventType, `${string}StateExited`>;
type LeavableState = Exclude<State, { type: 'Fail' }>;

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
  const { output, assigned } = departure(turn, state.flow, result, effective, override);
  const { maxPayloadBytes } = turn.step.limits;
  checkSize(output, maxPayloadBytes, state.name);
  for (const variable of Object.values(assigned ?? {})) checkSize(variable, maxPayloadBytes, state.name);
  exit(turn, state, next, { output, assigned });
}

/** Writes the StateExited event; `next` null ends the scope. */
export function exit(
  turn: Turn,
  state: LeavableState,
  next: string | null,
  { output, assigned }: Departure,
): void {
  const type: ExitType = `${state.type}StateExited`;
  const shown = assigned && Object.keys(assigned).length > 0 ? { assignedVariables: assigned } : {};
  turn.emit(type, { name: state.name, output, ...shown }, { next });
}
