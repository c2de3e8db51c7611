/** What a durable task costs when the task itself costs nothing: five events, and never sent before it is recorded. */
import type { TaskIntegration } from '../../integrations/integration.ts';
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';

const noop: TaskIntegration = {
  name: 'no-op',
  serves: () => true,
  recovery: 'unknown',
  lost: () => ({ error: 'States.TaskFailed' }),
  invoke: async () => ({ kind: 'succeeded', output: '{}' }),
  close: async () => {},
};

export const task10 = drainScenario({
  name: 'task-10',
  definition: chain(10, { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:no-op' }),
  statesEntered: 10,
  integrations: { find: () => noop, close: async () => {} },
});
