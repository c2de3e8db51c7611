/**
 * `node bench/profile.ts [--docs] FILE…`: where the time of `.cpuprofile` files went, by module; with `--docs`, that of the
 * first file is written to docs/performance.md, by layer. Processes of a benchmark write them with
 * `NODE_OPTIONS="--cpu-prof --cpu-prof-dir=FOLDER"`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printTable } from '../cli/terminal.ts';
import { withProfile } from './docs.ts';

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  /** The node on top, at each sample. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

const ROOT = new URL('../', import.meta.url).href;
const IDLE = '(idle)';
const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const ROWS = 40;
const PAGE = new URL('../docs/performance.md', import.meta.url);

/**
 * Seconds that functions were on top of the stack, by what they are part of, the most first, without the time in which
 * nothing was to do.
 */
export function selfSeconds(
  { nodes, samples, timeDeltas }: CpuProfile,
  partOf: (frame: CallFrame) => string,
): [part: string, seconds: number][] {
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = parts.get(id) ?? '';
    seconds.set(part, (seconds.get(part) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  }
  seconds.delete(IDLE);
  return [...seconds].toSorted(([, a], [, b]) => b - a);
}

/** A file of ours, a package, a module of Node's; of what has no file, the function's name. */
export function moduleOf({ functionName, url }: CallFrame): string {
  const name = PACKAGE.exec(url)?.[1];
  if (name !== undefined) return name;
  if (url.startsWith(ROOT)) return url.slice(ROOT.length);
  return url || functionName;
}

/** A folder of ours, a package, Node itself. */
export function layerOf(frame: CallFrame): string {
  const module = moduleOf(frame);
  if (frame.url.startsWith(ROOT) && !PACKAGE.test(frame.url)) return module.slice(0, module.indexOf('/') + 1);
  if (/^(node|wasm):/.test(frame.url)) return "Node's modules";
  if (frame.url !== '' || frame.functionName === IDLE) return module;
  return frame.functionName === '(garbage collector)'
    ? 'garbage collection'
    : 'native: system calls, built-ins';
}

function load(path: string): CpuProfile {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function print(path: string): void {
  const modules = selfSeconds(load(path), moduleOf);
  const total = modules.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = modules
    .slice(0, ROWS)
    .map(([module, seconds]) => [module, seconds.toFixed(2), `${((seconds / total) * 100).toFixed(1)} %`]);
  console.log(path);
  printTable(['MODULE', 'SECONDS', 'OF ALL'], rows);
}

function main(): void {
  const { values: options, positionals: paths } = parseArgs({
    options: { docs: { type: 'boolean' } },
    allowPositionals: true,
  });
  for (const path of paths) print(path);
  const [first] = paths;
  if (!options.docs || first === undefined) return;
  const layers = selfSeconds(load(first), layerOf);
  writeFileSync(PAGE, withProfile(readFileSync(PAGE, 'utf8'), layers));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
