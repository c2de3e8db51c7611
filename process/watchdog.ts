/**
 * Ends a process whose event loop stands still, so that whoever keeps it running starts another one. By then its
 * executions belong to others; it would only hold its memory, and answer nobody.
 */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../integrations/functions/thread-entry.ts';
import type { WatchdogData } from './watchdog-thread.ts';

/** Beats within the limit: some may be late. */
const BEATS_PER_LIMIT = 10;

/**
 * @param limitMs how long the event loop may stand still
 * @returns ends the watch
 */
export function startWatchdog(limitMs: number): () => Promise<void> {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const beat = setInterval(() => Atomics.add(beats, 0, 1), limitMs / BEATS_PER_LIMIT).unref();
  const thread = new Worker(threadEntry('./watchdog-thread', import.meta.url), {
    workerData: { beats, limitMs } satisfies WatchdogData,
    execArgv: [], // what else this process was started with is not meant for it
  });
  thread.unref();
  return async () => {
    clearInterval(beat);
    await thread.terminate();
  };
}
