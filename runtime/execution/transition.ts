/**
 * Transitions: what a trigger sets off, up to the point where the world is needed again. Decides step by step and
 * applies each step, so that a run of pure states is one transition and one append.
 */
import { type JsonataEvaluator, type JsonataOutcome, JsonataPending } from '../expressions/environment.ts';
import { evaluateJsonata } from '../expressions/jsonata.ts';
import type { Machine } from '../machine/machine.ts';
import { decide } from './decide.ts';
import type { Effect } from './effect.ts';
import type { JournalEvent } from './event.ts';
import type { Execution } from './execution.ts';
import type { TransitionLimits } from './limits.ts';
import { Step } from './step.ts';
import type { Moment, Trigger } from './trigger.ts';

export interface Transition {
  readonly events: readonly JournalEvent[];
  readonly effects: readonly Effect[];
}

/**
 * Makes the transition, and evolves `execution` by its events in place. When the budget of
 * `maxEventsPerTransition` cuts it short, `execution.ready` is not empty, and a `Proceed` goes on.
 *
 * jsonata evaluates asynchronously (docs/decisions/0001-jsonata-in-a-pure-core.md): only machines that use it
 * are answered with a promise.
 */
export function transition(
  machine: Machine,
  execution: Execution,
  trigger: Trigger,
  moment: Moment,
  limits: TransitionLimits,
): Transition | Promise<Transition> {
  if (machine.usesJsonata) return transitionWithJsonata(machine, execution, trigger, moment, limits);
  const step = new Step(machine, execution, moment, noJsonata);
  let next: Trigger | undefined = trigger;
  while (next !== undefined) {
    decide(step, next);
    step.apply();
    next = nextTrigger(execution, step.events, limits);
  }
  return { events: step.events, effects: step.effects };
}

async function transitionWithJsonata(
  machine: Machine,
  execution: Execution,
  trigger: Trigger,
  moment: Moment,
  limits: TransitionLimits,
): Promise<Transition> {
  const events: JournalEvent[] = [];
  const effects: Effect[] = [];
  let next: Trigger | undefined = trigger;
  while (next !== undefined) {
    const current: Trigger = next;
    const step = await evaluated((jsonata) => decide(new Step(machine, execution, moment, jsonata), current));
    step.apply();
    events.push(...step.events);
    effects.push(...step.effects);
    next = nextTrigger(execution, events, limits);
  }
  return { events, effects };
}

/**
 * Runs a step until all its expressions have been evaluated. The step asks in the same order each time, so answers
 * are found by position.
 */
export async function evaluated(run: (jsonata: JsonataEvaluator) => Step): Promise<Step> {
  const answers: (readonly JsonataOutcome[])[] = [];
  for (;;) {
    let asked = 0;
    try {
      return run((requests) => {
        const answer = answers[asked++];
        if (answer === undefined) throw new JsonataPending(requests);
        return answer;
      });
    } catch (pending) {
      if (!(pending instanceof JsonataPending)) throw pending;
      const outcomes: JsonataOutcome[] = [];
      // One after the other: the requests draw from one random source, and its order must not vary.
      for (const request of pending.requests) outcomes.push(await evaluateJsonata(request));
      answers.push(outcomes);
    }
  }
}

/** The trigger to go on with; undefined: nothing is ready, or the budget is used up. */
function nextTrigger(
  execution: Execution,
  made: readonly JournalEvent[],
  limits: TransitionLimits,
): Trigger | undefined {
  return execution.ready.length > 0 && made.length < limits.maxEventsPerTransition ? PROCEED : undefined;
}

const PROCEED: Trigger = { kind: 'Proceed' };

const noJsonata: JsonataEvaluator = () => {
  throw new Error('A machine without JSONata asked for an evaluation');
};
