import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Logger } from '../../telemetry/log.ts';
import { EnvironmentSlots } from './environment-slots.ts';
import { errorObject, platformErrorObject } from './error-object.ts';
import type { HandlerFunction } from './function-map.ts';
import type { HandlerCall, ThreadFunction } from './handler-context.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { HandlerAnswer } from './thread.ts';
import { threadEntry } from './thread-entry.ts';

export interface HandlerInvocation extends Omit<HandlerCall, 'deadline'> {
  readonly signal: AbortSignal;
}

/** abandoned: the signal aborted it, or the pool was closed; what it did until then is unknown. */
export type HandlerOutcome = HandlerAnswer | { readonly kind: 'abandoned' };

/** Enough for handlers that mostly wait, few enough that their threads' memory stays small. */
const THREADS_MAX = Math.max(8, 2 * availableParallelism());

/**
 * V8 gives a thread that is out of memory 16 MB more to end in. What of its young objects survives at that moment has to fit,
 * or V8 aborts the whole process: that happened with V8's default, 192 MB.
 */
const YOUNG_GENERATION_MB = 64;

/** A thread that waited this long for its next invocation ends. */
const IDLE_MS = 60_000;

type StopReason = 'timeout' | 'abandoned';

/**
 * Runs one function's handler in worker threads. A pool a function: resource limits are a pool's, and modules
 * with state of their own stay apart, as in Lambda. An invocation that must stop takes its thread with it, which
 * is the only way to stop code that does not yield.
 *
 * What threads cannot contain: native code that crashes, memory that it and SharedArrayBuffers take, one object that is larger
 * than the heap may be, and whoever means to end the process ({@link guardProcess} is there for those who do not).
 */
export class HandlerPool {
  readonly #definition: HandlerFunction;
  readonly #pool: Piscina<HandlerCall, HandlerAnswer | null>;
  readonly #slots = new EnvironmentSlots(THREADS_MAX);
  readonly #running = new Set<AbortController>();
  readonly #memory: MemoryWatch;
  /** Threads that were stopped and have not ended yet. */
  readonly #ending = new Set<Promise<unknown>>();
  #closed = false;

  /** @param env environment variables of the threads */
  constructor(definition: HandlerFunction, env: NodeJS.ProcessEnv, logger: Logger) {
    const { name, file, exportName, memoryMb } = definition;
    this.#definition = definition;
    this.#pool = new Piscina({
      filename: threadEntry('./thread', import.meta.url),
      workerData: { name, file, exportName, memoryMb } satisfies ThreadFunction,
      env,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      minThreads: 0,
      maxThreads: THREADS_MAX,
      idleTimeout: IDLE_MS,
      // Otherwise a thread blocks between tasks, and what its handler left running falls upon the next invocation.
      atomics: 'disabled',
      recordTiming: false,
    });
    this.#memory = new MemoryWatch(memoryMb * 1024 * 1024, () => this.#pool.threads);
    // A thread that fails with no invocation in it: the handler left something behind that threw.
    this.#pool.on('error', (error: unknown) => {
      logger.warn(
        { function: name, error: errorObject(error) },
        'a thread of a function failed outside an invocation',
      );
    });
  }

  /** Invocations that have a thread. */
  get running(): number {
    return this.#running.size - this.waiting;
  }

  /** Invocations that wait for one. */
  get waiting(): number {
    return this.#slots.waiting;
  }

  /** The function's time runs from when an environment is free for it, and includes loading its module. */
  async invoke(invocation: HandlerInvocation): Promise<HandlerOutcome> {
    if (this.#closed || invocation.signal.aborted) return { kind: 'abandoned' };
    const run = new AbortController();
    const abandon = () => this.#stop(run, 'abandoned');
    invocation.signal.addEventListener('abort', abandon, { once: true });
    this.#running.add(run);
    this.#memory.start();
    try {
      if (!(await this.#slots.acquire(run.signal))) return { kind: 'abandoned' };
      return await this.#run(invocation, run).finally(() => this.#slots.release());
    } finally {
      invocation.signal.removeEventListener('abort', abandon);
      this.#running.delete(run);
      if (this.#running.size === 0) this.#memory.stop();
    }
  }

  /** Abandons what still runs; afterwards no thread is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#running) this.#stop(run, 'abandoned');
    await this.#pool.destroy();
    await Promise.all(this.#ending);
  }

  async #run({ signal: _, ...invocation }: HandlerInvocation, run: AbortController): Promise<HandlerOutcome> {
    const { timeoutSeconds } = this.#definition;
    const timeoutMs = timeoutSeconds * 1000;
    const timer = setTimeout(() => this.#stop(run, 'timeout'), timeoutMs);
    try {
      const call: HandlerCall = { ...invocation, deadline: Date.now() + timeoutMs };
      const answer = await this.#pool.run(call, { signal: run.signal });
      // Piscina takes a thread that died of `throw null` for one that answered null.
      return answer ?? { kind: 'failed', payload: errorObject(null) };
    } catch (error) {
      if (!run.signal.aborted)
        return { kind: 'failed', payload: this.#crash(error, invocation.awsRequestId) };
      if (run.signal.reason !== ('timeout' satisfies StopReason)) return { kind: 'abandoned' };
      const message = `RequestId: ${invocation.awsRequestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      return { kind: 'failed', payload: platformErrorObject('Sandbox.Timedout', message) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lambda's error object for a thread that died under its invocation. */
  #crash(error: unknown, requestId: string): string {
    if (!(error instanceof Error)) return errorObject(error);
    const exit = /^worker exited with code: (\d+)$/.exec(error.message);
    if (isOutOfMemory(error) || (exit !== null && this.#memory.isEnding))
      return exitObject('Runtime.OutOfMemory', requestId, 'exited with error: signal: killed');
    if (exit === null) return errorObject(error);
    return exitObject(
      'Runtime.ExitError',
      requestId,
      exit[1] === '0' ? 'exited without providing a reason' : `exited with error: exit status ${exit[1]}`,
    );
  }

  /** Aborting makes Piscina terminate the thread and forget it at once; its end is still ours to wait for. */
  #stop(run: AbortController, reason: StopReason): void {
    const before = this.#pool.threads;
    run.abort(reason);
    const after = new Set(this.#pool.threads);
    for (const thread of before) if (!after.has(thread)) this.#awaitEnd(thread);
  }

  #awaitEnd(thread: Worker): void {
    const end: Promise<unknown> = new Promise((resolve) => thread.once('exit', resolve)).then(() =>
      this.#ending.delete(end),
    );
    this.#ending.add(end);
  }
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function exitObject(errorType: string, requestId: string, what: string): string {
  return platformErrorObject(errorType, `RequestId: ${requestId} Error: Runtime ${what}`);
}
