import type { EventType } from '../execution/event.ts';
import type { Turn } from '../execution/step.ts';
import type { State } from '../machine/machine.ts';

type EnterType = Extract<EventType, `${string}StateEntered`>;

/**
 * Writes the StateEntered event.
 * @param own what the fold must know of it besides (a Wait's end, a Fail's error)
 */
export function enter(turn: Turn, state: State, own: Record<string, unknown> = {}): void {
  const type: EnterType = `${state.type}StateEntered`;
  turn.emit(type, { name: state.name, input: turn.branch.input }, own);
}
