/**
 * Keeps a handler from ending the process that its thread is part of, when it means itself: libraries that shut down send
 * themselves a signal. No wall: code that wants to finds other ways. (`exit` ends the thread alone, and Node refuses
 * `abort`, `execve` and `chdir` in threads.)
 */
import { syncBuiltinESMExports } from 'node:module';

/** In a thread, before the handler's module is loaded. */
export function guardProcess(): void {
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    if (signal !== 0 && isOurs(Number(pid))) throw refusal(pid);
    return kill(pid, signal);
  };
  syncBuiltinESMExports();
}

/** This process, the one that runs it, their groups, or all that may be signalled. */
function isOurs(pid: number): boolean {
  return pid === 0 || pid === -1 || [process.pid, process.ppid].includes(Math.abs(pid));
}

function refusal(pid: unknown): Error {
  const message = `process.kill(${pid}) is not supported in handlers: they run in threads of the server, which it would end`;
  return Object.assign(new Error(message), { code: 'ERR_WORKER_UNSUPPORTED_OPERATION' });
}
