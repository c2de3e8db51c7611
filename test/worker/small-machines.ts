/** Small state machines. */
import { functionArn } from './world.ts';

export function task(name: string, more: object = {}): object {
  return {
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: functionArn(name), End: true, ...more } },
  };
}

/** Pass states p1, p2 … one after the other. */
export function passes(count: number): object {
  const names = Array.from({ length: count }, (_, index) => `p${index + 1}`);
  return sequence(names.map((name) => [name, { Type: 'Pass' }]));
}

/** States one after the other. */
export function sequence(states: readonly (readonly [name: string, state: object])[]): object {
  const entries = states.map(([name, state], index) => {
    const next = states[index + 1]?.[0];
    return [name, { ...state, ...(next === undefined ? { End: true } : { Next: next }) }];
  });
  return { StartAt: states[0]?.[0], States: Object.fromEntries(entries) };
}

export const callback = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
};

export const RETRY_LOST = [
  { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 1 },
];
