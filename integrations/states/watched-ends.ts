/** Executions that are ended from outside their driver (a stop, an orphan, a deleted state machine) are watched too. */
import { parseArn } from '../../runtime/execution/arn.ts';
import { decodeEvents, type ExecutionIdentity, fold, type JournalEvent } from '../../runtime/index.ts';
import type { ExecutionStore } from '../../store/store.ts';
import { type ExecutionWatcher, notWatched } from '../../telemetry/execution-watch.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Machines, RunnableRevision } from './machines.ts';

export interface WatchedEndsOptions {
  readonly machines: Machines;
  readonly watcher: ExecutionWatcher;
  readonly logger: Logger;
}

/** Larger than any event id. */
const EVENT_ID_MAX = 2 ** 31 - 1;

/**
 * The store, but for its `stop`: where somebody watches the execution, its end is handed over as by a driver, which
 * costs reading its journal. That it fails to do so does not make the stop fail.
 */
export function watchedEnds(
  executions: ExecutionStore,
  { machines, watcher, logger }: WatchedEndsOptions,
): ExecutionStore {
  async function show(executionId: string): Promise<void> {
    const [started] = await journal(executionId, 1, 1);
    if (started?.type !== 'ExecutionStarted') return;
    const revision = await revisionOf(started.private.identity);
    // Most often it is nobody's business, and a history may be long.
    if (revision === undefined || watcher.watch(fold([started]), revision) === notWatched()) return;
    const events = [started, ...(await journal(executionId, 2, EVENT_ID_MAX))];
    // Somebody may have redriven it meanwhile.
    const end = events.findLastIndex(({ type }) => type === 'ExecutionAborted');
    watcher.watch(fold(events.slice(0, end)), revision).record(events.slice(end, end + 1));
  }

  async function journal(executionId: string, from: number, to: number): Promise<JournalEvent[]> {
    const rows = await executions.journal(executionId, { from, to });
    return rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId));
  }

  async function revisionOf(identity: ExecutionIdentity): Promise<RunnableRevision | undefined> {
    const place = parseArn(identity.executionArn);
    const record = place && (await executions.find(place, identity.stateMachineName, identity.executionName));
    return record && machines.get(record.revisionRowId);
  }

  return {
    ...executions,
    async stop(executionId, end) {
      const stopped = await executions.stop(executionId, end);
      if (stopped !== undefined)
        await show(executionId).catch((err: unknown) =>
          logger.warn(
            { err, executionId },
            'the end of an execution was not seen by its logs, traces and metrics',
          ),
        );
      return stopped;
    },
  };
}
