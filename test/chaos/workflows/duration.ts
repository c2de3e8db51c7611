import type { Behaviour, Scenario } from './scenario.ts';
import type { Step, Workflow } from './workflow.ts';

/** Between the attempts of a task, in seconds. */
const RETRY_SECONDS = 1;

/** How many seconds an execution takes, at the most, if nobody disturbs it and it does not fail before. */
export function secondsOf(workflow: Workflow, scenario: Scenario): number {
  return Math.min(workflow.timeoutSeconds ?? Number.POSITIVE_INFINITY, sequence(workflow.steps, scenario));
}

function sequence(steps: readonly Step[], scenario: Scenario): number {
  return steps.reduce((seconds, step) => seconds + secondsOfStep(step, scenario), 0);
}

function secondsOfStep(step: Step, scenario: Scenario): number {
  switch (step.kind) {
    case 'Pass':
    case 'Sql':
      return 0;
    case 'Wait':
      return step.seconds;
    case 'Hang':
      return 1;
    case 'Call':
    case 'Callback':
    case 'Activity':
      return secondsOfCalls(scenario.behaviours[step.name]);
    case 'Child': {
      const child = scenario.children[step.name];
      return child === undefined ? 0 : secondsOf(step.workflow, child);
    }
    case 'Parallel':
      return Math.max(...step.branches.map((branch) => sequence(branch, scenario)));
    case 'Map': {
      const rounds = Math.ceil(step.items / (step.maxConcurrency || step.items));
      return rounds * sequence(step.body, scenario);
    }
  }
}

function secondsOfCalls({ failures, delayMs }: Pick<Behaviour, 'failures' | 'delayMs'> = NOTHING): number {
  return failures * RETRY_SECONDS + ((failures + 1) * delayMs) / 1000;
}

const NOTHING = { failures: 0, delayMs: 0 };
