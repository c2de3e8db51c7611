/** The traces of executions: each process writes the spans that have ended while it had the execution. */
import {
  copyExecution,
  type Execution,
  type ExecutionSpan,
  endedSpans,
  evolve,
  isInState,
  type JournalEvent,
  runSpanId,
  stateSpanId,
} from '../../runtime/index.ts';
import {
  type AppendTiming,
  type ExecutionWatch,
  type ExecutionWatcher,
  notWatched,
  type WatchedSettings,
} from '../execution-watch.ts';
import type { Logger } from '../log.ts';
import type { Traces } from '../opentelemetry.ts';
import { SpanWriter } from './span-writer.ts';

/** Watches the executions that it was decided to record when they started. */
export function executionTraces(traces: Traces, logger: Logger): ExecutionWatcher {
  return {
    watch(execution, settings) {
      const { trace } = execution.identity;
      if (!trace?.isSampled) return notWatched();
      const writer = new SpanWriter(traces, execution.identity, trace, settings.type);
      return new TracedExecution(execution, settings, writer, logger);
    },
  };
}

class TracedExecution implements ExecutionWatch {
  readonly #settings: WatchedSettings;
  readonly #writer: SpanWriter;
  readonly #logger: Logger;
  /** As it is after the events that were recorded; undefined: they did not fit, and nothing more is told. */
  #execution: Execution | undefined;
  /** Of an Express execution, until it ends. */
  readonly #held: ExecutionSpan[] = [];

  constructor(execution: Execution, settings: WatchedSettings, writer: SpanWriter, logger: Logger) {
    this.#execution = copyExecution(execution);
    this.#settings = settings;
    this.#writer = writer;
    this.#logger = logger;
  }

  record(events: readonly JournalEvent[], append?: AppendTiming): void {
    if (this.#execution === undefined) return;
    try {
      for (const event of events) this.#follow(this.#execution, event);
      if (append !== undefined)
        this.#writer.writeAppend(spanIdFor(this.#execution, events), events.length, append);
    } catch (error) {
      const { executionArn } = this.#execution.identity;
      this.#logger.error({ err: error, executionArn }, 'an execution could not be traced');
      this.#execution = undefined;
    }
  }

  #follow(execution: Execution, event: JournalEvent): void {
    // What an execution begins with is in it already.
    if (event.type === 'ExecutionStarted' || event.type === 'ExecutionRedriven') return;
    const ended = endedSpans(this.#settings.machine, execution, event);
    evolve(execution, event);
    if (this.#settings.type === 'EXPRESS') this.#hold(execution, ended);
    else for (const span of ended) this.#writer.write(span);
  }

  /**
   * An Express execution whose worker dies runs again from its beginning, with spans of the same ids: so a run is told
   * as a whole, or not at all.
   */
  #hold({ status }: Execution, ended: readonly ExecutionSpan[]): void {
    this.#held.push(...ended);
    if (status !== 'RUNNING') for (const span of this.#held.splice(0)) this.#writer.write(span);
  }
}

/** The state that the events lead to, if they all belong to its branch; else the execution. */
function spanIdFor(execution: Execution, events: readonly JournalEvent[]): string {
  const [first] = events;
  const branch = first && execution.branches.get(first.branch);
  const isOne = branch !== undefined && events.every((event) => event.branch === branch.id);
  return isOne && execution.status === 'RUNNING' && isInState(branch)
    ? stateSpanId(execution, branch)
    : runSpanId(execution);
}
