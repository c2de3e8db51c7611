/**
 * Watching executions: their logs, their traces and their metrics are all made of the one stream of events that a
 * driver hands over (docs/architecture.md §7).
 */
import type { Execution, JournalEvent, Machine, MachineType } from '../runtime/index.ts';
import type { LoggingConfiguration } from './logs/logging-configuration.ts';

/** What watches one execution while it is alive in this process. */
export interface ExecutionWatch {
  /**
   * Takes events that have happened for good, in their order. Must be quick, and never throws.
   * @param append when they were written, of a Standard execution
   */
  record(events: readonly JournalEvent[], append?: AppendTiming): void;
}

/** ms since 1970. */
export interface AppendTiming {
  readonly startTime: number;
  readonly endTime: number;
}

export interface ExecutionWatcher {
  /**
   * Begins to watch an execution that starts here, or goes on here.
   * @param execution as it is before the first event that will be recorded, but for an ExecutionStarted or an
   *   ExecutionRedriven; the driver changes it in place, so what is needed of it later is to be copied now
   */
  watch(execution: Execution, settings: WatchedSettings): ExecutionWatch;
}

/** What of the settings of an execution's state machine has to do with watching it. */
export interface WatchedSettings {
  readonly machine: Machine;
  readonly type: MachineType;
  readonly logging: LoggingConfiguration;
}

const BLIND: ExecutionWatch = { record: () => {} };

/** Watches nothing. */
export const NO_WATCHER: ExecutionWatcher = { watch: () => BLIND };

/** Hands everything to each of them. */
export function watchWithAll(watchers: readonly ExecutionWatcher[]): ExecutionWatcher {
  const [only] = watchers;
  if (only === undefined) return NO_WATCHER;
  if (watchers.length === 1) return only;
  return {
    watch(execution, settings) {
      const watches = watchers
        .map((watcher) => watcher.watch(execution, settings))
        .filter((watch) => watch !== BLIND);
      const [only = BLIND] = watches;
      if (watches.length <= 1) return only;
      return {
        record(events, append) {
          for (const watch of watches) watch.record(events, append);
        },
      };
    },
  };
}

/** For a watcher to whom this execution is of no interest. */
export function notWatched(): ExecutionWatch {
  return BLIND;
}
