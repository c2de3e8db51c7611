/** The thread of the watchdog: it counts its own looks, so that a process that is paused as a whole is spared. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

export interface WatchdogData {
  /** Rises as long as the event loop turns. */
  readonly beats: Int32Array;
  readonly limitMs: number;
}

const STDERR = 2;
const LOOKS_PER_LIMIT = 5;

const { beats, limitMs }: WatchdogData = workerData;
let seen = Atomics.load(beats, 0);
let looksInVain = 0;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  looksInVain = now === seen ? looksInVain + 1 : 0;
  seen = now;
  if (looksInVain < LOOKS_PER_LIMIT) return;
  // The logger's output goes through the thread that stands still.
  writeSync(STDERR, `The event loop has stood still for ${limitMs} ms: the process is ended.\n`);
  process.kill(process.pid, 'SIGKILL');
}, limitMs / LOOKS_PER_LIMIT);
