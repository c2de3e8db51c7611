/**
 * `node bench/profile.ts FILE…`: where the time of `.cpuprofile` files went, by module. Processes of a benchmark write them
 * with `NODE_OPTIONS="--cpu-prof --cpu-prof-dir=FOLDER"`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printTable } from '../cli/terminal.ts';

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** The node on top, at each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

const ROOT = new URL('../', import.meta.url).href;
const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const ROWS = 40;

/** Seconds that modules were on top of the stack, the most first, without the time in which nothing was to do. */
export function selfSeconds({ nodes, samples, timeDeltas }: CpuProfile): [module: string, seconds: number][] {
  const modules = new Map(nodes.map(({ id, callFrame }) => [id, moduleOf(callFrame)]));
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const module = modules.get(id) ?? '';
    seconds.set(module, (seconds.get(module) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  }
  seconds.delete('(idle)');
  return [...seconds].toSorted(([, a], [, b]) => b - a);
}

/** A file of ours, a package, a module of Node's; of what has no file, the function's name. */
function moduleOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = PACKAGE.exec(url)?.[1];
  if (name !== undefined) return name;
  if (url.startsWith(ROOT)) return url.slice(ROOT.length);
  return url || functionName;
}

function print(path: string): void {
  const modules = selfSeconds(JSON.parse(readFileSync(path, 'utf8')) as CpuProfile);
  const total = modules.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = modules
    .slice(0, ROWS)
    .map(([module, seconds]) => [module, seconds.toFixed(2), `${((seconds / total) * 100).toFixed(1)} %`]);
  console.log(path);
  printTable(['MODULE', 'SECONDS', 'OF ALL'], rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const path of process.argv.slice(2)) print(path);
