/** The functions that tasks call, and the maps that say where they are. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTION_NAME } from './lambda-chain.ts';
import type { BenchServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('function-server.ts', import.meta.url));
const CALLBACK_PROGRAM = fileURLToPath(new URL('callback-server.ts', import.meta.url));
const HANDLERS = fileURLToPath(new URL('handlers', import.meta.url));

/** The path of a map of functions that worker threads run. */
export async function functionsInThreads(): Promise<string> {
  return HANDLERS;
}

let overHttp: Promise<string> | undefined;

/** The path of a map of functions behind HTTP, in a process of their own: the same one each time. */
export function functionsOverHttp(server: BenchServer): Promise<string> {
  overHttp ??= serveFunctions(server, PROGRAM, []);
  return overHttp;
}

let withCallbacks: Promise<string> | undefined;

/** The same, of functions that hand the token of their task to SendTaskSuccess at once. */
export function functionsWithCallbacks(server: BenchServer): Promise<string> {
  withCallbacks ??= server.api().then(({ url }) => serveFunctions(server, CALLBACK_PROGRAM, [url]));
  return withCallbacks;
}

async function serveFunctions(
  { closing }: BenchServer,
  program: string,
  args: readonly string[],
): Promise<string> {
  const child = closing.adopt(fork(program, args), (started) => void started.kill());
  const [url] = await once(child, 'message');
  const folder = closing.adopt(mkdtempSync(join(tmpdir(), 'statehouse-bench-functions-')), (made) =>
    rmSync(made, { recursive: true }),
  );
  const path = join(folder, 'functions.json');
  writeFileSync(path, JSON.stringify({ [FUNCTION_NAME]: { url } }));
  return path;
}
