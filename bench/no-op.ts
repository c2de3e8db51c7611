import type { TaskIntegration } from '../integrations/integration.ts';
import type { Integrations } from '../integrations/registry.ts';

/** A task in the worker's own process that does nothing. A lost attempt is treated as a Lambda function's. */
const noop: TaskIntegration = {
  name: 'no-op',
  serves: () => true,
  recovery: 'unknown',
  lost: () => ({ error: 'States.TaskFailed' }),
  invoke: async () => ({ kind: 'succeeded', output: '{}' }),
  close: async () => {},
};

/** Every task does nothing. */
export const NO_OP: Integrations = { find: () => noop, close: async () => {} };
