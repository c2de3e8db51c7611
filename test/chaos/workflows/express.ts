import { functionArn } from '../../support/executions.ts';

/** Functions one after the other, each with the execution's input. @param attempts of each that may be made again */
export function expressDefinition(functions: readonly string[], attempts: number): object {
  const states = functions.map((name, index): [string, object] => [
    name,
    {
      Type: 'Task',
      Resource: functionArn(name),
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: attempts, BackoffRate: 1 }],
      ...(index + 1 < functions.length ? { Next: functions[index + 1] } : { End: true }),
    },
  ]);
  return { StartAt: functions[0], States: Object.fromEntries(states) };
}
