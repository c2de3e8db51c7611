/**
 * How an execution has to end. Data flows through it as digests of all that came before, so that an output tells of
 * every state, branch and item, and in which order.
 */
import { createHash } from 'node:crypto';
import type { MustEnd } from './must-end.ts';
import type { Scenario } from './scenario.ts';
import type { Step, Workflow } from './workflow.ts';

type Outcome = { readonly value: unknown } | { readonly errors: readonly string[] };

/** What a function answers: a digest of the state that calls it and of what that was given. */
export function digest(state: string, given: unknown): string {
  return createHash('sha256')
    .update(`${state} ${JSON.stringify(given)}`)
    .digest('hex')
    .slice(0, 16);
}

export function mustEnd(workflow: Workflow, scenario: Scenario, redrives: number): MustEnd {
  if (workflow.timeoutSeconds !== undefined) return { status: 'TIMED_OUT' };
  const outcome = runSteps(workflow.steps, scenario.salt, scenario, redrives);
  return 'value' in outcome
    ? { status: 'SUCCEEDED', output: outcome.value }
    : { status: 'FAILED', errors: [...new Set(outcome.errors)] };
}

function runSteps(steps: readonly Step[], given: unknown, scenario: Scenario, redrives: number): Outcome {
  let value = given;
  for (const step of steps) {
    const outcome = runStep(step, value, scenario, redrives);
    if ('value' in outcome) value = outcome.value;
    else if (!('caught' in step && step.caught)) return outcome;
  }
  return { value };
}

function runStep(step: Step, given: unknown, scenario: Scenario, redrives: number): Outcome {
  switch (step.kind) {
    case 'Pass':
      return { value: { passed: given } };
    case 'Wait':
    case 'Sql':
      return { value: given };
    case 'Hang':
      return { errors: ['States.Timeout'] };
    case 'Call':
    case 'Callback':
    case 'Activity':
      return (scenario.behaviours[step.name]?.brokenUntil ?? 0) > redrives
        ? { errors: ['Fatal'] }
        : { value: digest(step.name, given) };
    case 'Child': {
      const [end] = scenario.children[step.name]?.must ?? [];
      return end?.status === 'SUCCEEDED' ? { value: end.output } : { errors: ['States.TaskFailed'] };
    }
    case 'Parallel':
      return joined(step.branches.map((branch) => runSteps(branch, given, scenario, redrives)));
    case 'Map':
      return joined(
        Array.from({ length: step.items }, (_, item) =>
          runSteps(step.body, { item, of: given }, scenario, redrives),
        ),
      );
  }
}

/** One that fails takes the others down with it: of several, any may be the first. */
function joined(outcomes: readonly Outcome[]): Outcome {
  const errors = outcomes.flatMap((outcome) => ('errors' in outcome ? outcome.errors : []));
  if (errors.length > 0) return { errors };
  return { value: outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : [])) };
}
