/**
 * A worker for suspects as a child process: what it runs may end it, hold it up for ever or eat its memory. It says that
 * its event loop turns; if it does not for a while, it is killed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Of the JavaScript heap: an execution that needs more than a whole worker has is one of those to be found. */
const HEAP_MB = 1024;

/** How long it may take until its event loop turns for the first time: it has modules to load. */
const START_MS = 30_000;

export interface IsolatedProcessOptions {
  /** The program that this process runs, and the arguments that make it a worker for suspects. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** How long its event loop may stand still. */
  readonly timeoutMs: number;
}

/** Its output goes where this process's goes. */
export function startIsolatedProcess({ program, args, env, timeoutMs }: IsolatedProcessOptions) {
  const child = fork(program, args, {
    env,
    execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = endOf(child);
  void killWhenSilent(child, timeoutMs, ended);
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  try {
    const [code, signal] = await once(child, 'exit');
    return { code, signal };
  } catch (error) {
    return { code: null, signal: String(error) }; // it could not even be started
  }
}

async function killWhenSilent(
  child: ChildProcess,
  timeoutMs: number,
  ended: Promise<unknown>,
): Promise<void> {
  let timer = setTimeout(() => child.kill('SIGKILL'), Math.max(START_MS, timeoutMs));
  child.on('message', () => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  });
  await ended;
  clearTimeout(timer);
}

/**
 * In the child: tells the parent that the event loop turns.
 * @param orphaned the parent is gone
 */
export function reportToParent(timeoutMs: number, orphaned: () => void): void {
  process.once('disconnect', orphaned);
  const report = (): void => {
    // A parent that has just gone is not there to be told; "disconnect" says so.
    process.send?.('alive', () => {});
  };
  report();
  setInterval(report, timeoutMs / 4).unref();
}
