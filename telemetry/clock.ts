/** Time and timers of this process, handed in so that tests can move them. */
export interface Clock {
  /** ms from some fixed moment; never goes back, whatever happens to the wall clock. */
  monotonic(): number;
  /** Runs `run` once, `delayMs` from now. The answer takes it back. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay a timer of Node takes; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Resolves `delayMs` from now, or at once when the signal aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** As `answer`, but for at most `timeoutMs`. @throws Error when the time is over, and what `answer` throws */
export async function within<T>(clock: Clock, timeoutMs: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => late.reject(new Error(`No answer within ${timeoutMs} ms`)));
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    cancel();
  }
}
