/** What happens in one execution: how its functions behave, and how it has to end therefore. */
import type { Dice } from '../dice.ts';
import { mustEnd } from './expectation.ts';
import type { MustEnd } from './must-end.ts';
import type { Step, Workflow } from './workflow.ts';

/** Of a function in one state of one execution. */
export interface Behaviour {
  /** The first calls fail with `Again`, which is retried more often than that. */
  readonly failures: number;
  /** It fails with `Fatal` until the execution has been redriven so often. */
  readonly brokenUntil: number;
  readonly delayMs: number;
  /** Of a callback. */
  readonly answers: AnswerStyle;
}

/** When the token is answered: before the function's own answer, or after a while; with one answer, or with two at once. */
export interface AnswerStyle {
  readonly early: boolean;
  readonly twice: boolean;
}

export interface Scenario {
  /** What the first state is given. */
  readonly salt: string;
  readonly must: readonly MustEnd[];
  /** By state. */
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** By state that starts a child: the child's scenario. */
  readonly children: Readonly<Record<string, Scenario>>;
}

export const FOREVER = 1_000_000;

interface Circumstances {
  /** Somebody redrives it: then what is broken once may be whole again. */
  readonly redrivable: boolean;
}

export function randomScenario(
  workflow: Workflow,
  dice: Dice,
  circumstances: Circumstances = { redrivable: true },
): Scenario {
  const behaviours: Record<string, Behaviour> = {};
  const children: Record<string, Scenario> = {};
  visit(workflow.steps, false, (step, caught) => {
    if (step.kind === 'Child')
      children[step.name] = randomScenario(step.workflow, dice, { redrivable: false });
    if (step.kind === 'Call' || step.kind === 'Callback' || step.kind === 'Activity')
      // What a Catch has seen broken stays so: it would be a matter of time whether a redrive comes there again.
      behaviours[step.name] = randomBehaviour(dice, circumstances.redrivable && !caught);
  });
  const salt = `salt-${dice.between(0, 1_000_000)}`;
  const scenario = { salt, must: [], behaviours, children };
  const isMended = Object.values(behaviours).some(({ brokenUntil }) => brokenUntil === 1);
  const must = (isMended ? [0, 1] : [0]).map((redrives) => mustEnd(workflow, scenario, redrives));
  return { ...scenario, must };
}

function visit(steps: readonly Step[], caught: boolean, see: (step: Step, caught: boolean) => void): void {
  for (const step of steps) {
    const isCaught = caught || ('caught' in step && step.caught);
    see(step, isCaught);
    if (step.kind === 'Parallel') for (const branch of step.branches) visit(branch, isCaught, see);
    if (step.kind === 'Map') visit(step.body, isCaught, see);
  }
}

function randomBehaviour(dice: Dice, canBeMended: boolean): Behaviour {
  return {
    failures: dice.weighted([
      [8, 0],
      [2, 1],
      [1, 2],
    ]),
    brokenUntil: dice.weighted([
      [20, 0],
      [canBeMended ? 2 : 0, 1],
      [1, FOREVER],
    ]),
    delayMs: dice.weighted([
      [6, 0],
      [3, dice.between(10, 300)],
      [1, dice.between(1000, 4000)],
    ]),
    answers: { early: dice.chance(0.4), twice: dice.chance(0.4) },
  };
}
