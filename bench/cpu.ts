/** How many cores processes keep busy, of /proc; where there is none, nothing is said. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** In the ticks of /proc, of which Linux counts 100 a second for programs, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** The processes that are watched, by the metric's name. Postgres is its postmaster: its children count too. */
export type Watched = Readonly<Record<string, CpuReader>>;
/** Seconds that have been used so far. */
export type CpuReader = () => number;

/** Measures from now on; the function answers the cores on average since then. */
export function watchCores(watched: Watched): () => Record<string, number> {
  const read = (): [string, number][] =>
    existsSync('/proc/self/stat') ? Object.entries(watched).map(([name, seconds]) => [name, seconds()]) : [];
  const before = new Map(read());
  const begin = performance.now();
  return () => {
    const elapsed = (performance.now() - begin) / 1000;
    return Object.fromEntries(
      read().map(([name, seconds]) => [name, (seconds - (before.get(name) ?? 0)) / elapsed]),
    );
  };
}

/** Of these processes alone. */
export function cpuOf(...pids: readonly number[]): CpuReader {
  return () => pids.reduce((sum, pid) => sum + (statOf(pid)?.own ?? 0), 0);
}

/** Of a process and its children, those that are gone included. */
export function cpuOfTree(pid: number): CpuReader {
  return () => {
    const children = readdirSync('/proc').flatMap((name) => {
      const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
      return stat?.parent === pid ? [stat.own] : [];
    });
    const root = statOf(pid);
    return (root?.own ?? 0) + (root?.reaped ?? 0) + children.reduce((sum, own) => sum + own, 0);
  };
}

interface Stat {
  readonly parent: number;
  /** Seconds, in the program and in the kernel for it. */
  readonly own: number;
  /** The same of children that are gone. */
  readonly reaped: number;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (index: number): number => Number(fields[index]) / TICKS_PER_SECOND;
    return { parent: Number(fields[1]), own: ticks(11) + ticks(12), reaped: ticks(13) + ticks(14) };
  } catch {
    return undefined; // it has just ended
  }
}
