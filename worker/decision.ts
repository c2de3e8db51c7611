import { drawMoment } from '../express/moment.ts';
import {
  type Effect,
  type Execution,
  type JournalEvent,
  type Machine,
  type Transition,
  type TransitionLimits,
  type Trigger,
  transition,
} from '../runtime/index.ts';

/** What a decision is based on, besides the execution. */
interface Circumstances {
  /** ms since 1970. */
  readonly time: number;
  readonly missingActivities: ReadonlySet<string>;
  readonly limits: TransitionLimits;
}

/** What the triggers make of the execution, one after the other. It is evolved in place. */
export function decideOn(
  machine: Machine,
  execution: Execution,
  triggers: readonly Trigger[],
  { time, missingActivities, limits }: Circumstances,
): Transition | Promise<Transition> {
  const decide = (trigger: Trigger) =>
    transition(machine, execution, trigger, drawMoment(time, missingActivities), limits);
  const [first] = triggers;
  return first !== undefined && triggers.length === 1 ? decide(first) : inTurn(triggers, decide);
}

async function inTurn(
  triggers: readonly Trigger[],
  decide: (trigger: Trigger) => Transition | Promise<Transition>,
): Promise<Transition> {
  const events: JournalEvent[] = [];
  const effects: Effect[] = [];
  for (const trigger of triggers) {
    const made = await decide(trigger);
    events.push(...made.events);
    effects.push(...made.effects);
  }
  return { events, effects };
}
