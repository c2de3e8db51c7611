import {
  abortedEvent,
  decodeEvents,
  type Execution,
  encodeEvents,
  type Failure,
  fold,
  isBeginning,
  type JournalEvent,
} from '../../runtime/index.ts';
import type { ExecutionStore, StoppedExecution } from '../../store/execution.ts';
import type { ExecutionWatcher, WatchedSettings } from '../../telemetry/execution-watch.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Machines } from './machines.ts';

export interface ExecutionStopsOptions {
  readonly executions: Pick<ExecutionStore, 'stop' | 'journal'>;
  readonly machines: Machines;
  readonly watcher: ExecutionWatcher;
  readonly logger: Logger;
}

/** Events of a journal that are read at a time: as a whole it may be larger than what there is of memory. */
const EVENTS_MAX = 200;

/**
 * Ends executions from outside, as StopExecution does. No driver sees such an end, so whoever watches executions is told
 * of it here.
 */
export class ExecutionStops {
  readonly #options: ExecutionStopsOptions;

  constructor(options: ExecutionStopsOptions) {
    this.#options = options;
  }

  /**
   * The execution is over when this resolves; undefined: it was closed already.
   * @throws what the database throws
   */
  async stop(executionId: string, failure: Failure): Promise<StoppedExecution | undefined> {
    const stopped = await this.#options.executions.stop(executionId, {
      status: 'ABORTED',
      error: failure.error,
      cause: failure.cause,
      body: (eventId, time) => encodeEvents([abortedEvent(eventId, time, failure)]),
    });
    if (stopped === undefined) return undefined;
    const end = abortedEvent(stopped.eventId, stopped.stoppedAt, failure);
    await this.#tell(executionId, stopped, end).catch((err: unknown) =>
      this.#options.logger.warn({ err, executionId }, 'a stop was not logged, traced and counted'),
    );
    return stopped;
  }

  async #tell(executionId: string, stopped: StoppedExecution, end: JournalEvent): Promise<void> {
    const { machines, watcher } = this.#options;
    const settings = await machines.get(stopped.revisionRowId);
    const execution = await this.#executionBefore(executionId, stopped, settings);
    const unseen = stopped.wasOwned ? [] : await this.#unseenBeginning(executionId, stopped);
    watcher.watch(execution, settings).record([...unseen, end]);
  }

  /** As far as anybody needs it: whoever counts it is content with how it began. */
  async #executionBefore(
    executionId: string,
    stopped: StoppedExecution,
    { logging }: WatchedSettings,
  ): Promise<Execution> {
    let execution: Execution | undefined;
    for await (const events of this.#journalBefore(executionId, stopped)) {
      execution = fold(events, execution);
      if (logging.level === 'OFF' && !execution.identity.trace?.isSampled) break;
    }
    if (execution === undefined) throw new Error('It has no journal any more');
    return execution;
  }

  /** The events of a row each time. */
  async *#journalBefore(executionId: string, end: StoppedExecution): AsyncGenerator<JournalEvent[]> {
    let last = { seq: 0, firstEventId: 1 };
    let lastEventId = 0;
    while (last.seq < end.seq - 1) {
      // How it began comes first and alone: that may be enough.
      const to = lastEventId === 0 ? 1 : Math.min(lastEventId + EVENTS_MAX, end.eventId);
      const read = await this.#options.executions.journal(executionId, { from: last.firstEventId, to });
      const rows = read.filter(({ seq }) => seq > last.seq && seq < end.seq);
      if (rows.length === 0) return;
      for (const row of rows) {
        const events = decodeEvents(row.body, row.firstEventId);
        yield events;
        last = row;
        lastEventId = events.reduce((latest, { id }) => Math.max(latest, id), lastEventId);
      }
    }
  }

  /** What it began with, or began again with, when no driver has had it since. */
  async #unseenBeginning(executionId: string, { eventId }: StoppedExecution): Promise<JournalEvent[]> {
    const lastId = eventId - 1;
    const rows = await this.#options.executions.journal(executionId, { from: lastId, to: lastId });
    return rows
      .flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId))
      .filter((event) => event.id === lastId && isBeginning(event));
  }
}
