import type { Integrations } from '../integrations/registry.ts';
import { SyncExecutions, type SyncExecutionsOptions } from './sync-executions.ts';
import { SyncStartIntegration, type SyncStartOptions } from './sync-start-integration.ts';

export interface SyncStarts {
  /** What there was, and that which starts synchronous executions from tasks; the caller closes what there was. */
  readonly integrations: Pick<Integrations, 'find'>;
  readonly executions: SyncExecutions;
}

/** Synchronous executions of a process, whose tasks may start others: all within one bound. */
export function createSyncStarts(
  options: SyncExecutionsOptions & Omit<SyncStartOptions, 'executions'>,
): SyncStarts {
  const start = new SyncStartIntegration({ ...options, executions: () => executions });
  const integrations: SyncStarts['integrations'] = {
    find: (resource) => (start.serves(resource) ? start : options.integrations.find(resource)),
  };
  const executions = new SyncExecutions({ ...options, integrations });
  return { integrations, executions };
}
