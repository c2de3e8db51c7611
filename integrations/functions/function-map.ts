/**
 * The function map (docs/configuration.md): which functions run here, and how. It is a folder of handlers,
 * each file a function of its name, or a JSON file:
 *
 *     {"charge": {"handler": "src/charge.handler", "timeoutSeconds": 30, "memoryMb": 256},
 *      "ship": {"url": "http://shipping.internal/invoke"}}
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { HANDLER_EXTENSIONS, resolveHandler } from './handler-reference.ts';

export type FunctionDefinition = HandlerFunction | UrlFunction;

/** A handler for Node, run in worker threads of this process. */
export interface HandlerFunction {
  readonly kind: 'handler';
  readonly name: string;
  /** Absolute path of the module. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutSeconds: number;
  /** Bounds the JavaScript heap of each thread. */
  readonly memoryMb: number;
}

/** A function behind HTTP: the payload is POSTed to `url`. */
export interface UrlFunction {
  readonly kind: 'url';
  readonly name: string;
  readonly url: string;
  readonly timeoutSeconds: number;
}

export type FunctionMap = ReadonlyMap<string, FunctionDefinition>;

/** Lambda's own ceilings: 15 minutes, 10,240 MB. */
export const TIMEOUT_SECONDS_MAX = 900;
const MEMORY_MB_MIN = 128;
const MEMORY_MB_MAX = 10_240;

/** Lambda's defaults (3 s, 128 MB) fit its billing; these fit a handler with a database to reach. */
const HANDLER_DEFAULTS = { timeoutSeconds: 30, memoryMb: 256 };

const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const timeoutSeconds = z.number().positive().max(TIMEOUT_SECONDS_MAX);
const handlerEntry = z.strictObject({
  handler: z.string().min(1),
  timeoutSeconds: timeoutSeconds.default(HANDLER_DEFAULTS.timeoutSeconds),
  memoryMb: z.int().min(MEMORY_MB_MIN).max(MEMORY_MB_MAX).default(HANDLER_DEFAULTS.memoryMb),
});
const urlEntry = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  timeoutSeconds: timeoutSeconds.default(TIMEOUT_SECONDS_MAX),
});

/**
 * Reads a function map once, at start.
 * @param path a folder of handlers, or a JSON file
 * @throws Error naming the file, the function and the field at fault, and what was expected
 */
export function readFunctionMap(path: string): FunctionMap {
  const absolute = resolve(path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`Function map ${absolute}: no such file or folder`);
  const definitions = stats.isDirectory() ? readFolder(absolute) : readFile(absolute);
  return new Map(definitions.map((definition) => [definition.name, definition]));
}

function readFolder(folder: string): FunctionDefinition[] {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const extension = HANDLER_EXTENSIONS.find((candidate) => candidate === extname(entry.name));
    if (entry.isDirectory() || extension === undefined) continue;
    const name = entry.name.slice(0, -extension.length);
    // A dot in the name marks what is no function: charge.test.ts, charge.d.ts.
    if (!FUNCTION_NAME.test(name)) continue;
    const other = files.get(name);
    if (other !== undefined)
      throw new Error(`Function map ${folder}: ${other} and ${entry.name} are both function ${name}`);
    files.set(name, entry.name);
  }
  return [...files].map(([name, file]) => ({
    kind: 'handler',
    name,
    file: join(folder, file),
    exportName: 'handler',
    ...HANDLER_DEFAULTS,
  }));
}

function readFile(file: string): FunctionDefinition[] {
  const extension = extname(file);
  if (extension === '.yml' || extension === '.yaml')
    throw new Error(
      `Function map ${file}: serverless.yml is not supported yet; give a folder of handlers or a JSON file`,
    );
  return Object.entries(readJsonObject(file)).map(([name, entry]) => readEntry(file, name, entry));
}

function readJsonObject(file: string): object {
  const value = parseJsonFile(file);
  if (isObject(value)) return value;
  throw new Error(`Function map ${file}: expected an object with a member for each function`);
}

function parseJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Function map ${file}: ${(error as Error).message}`);
  }
}

function readEntry(file: string, name: string, entry: unknown): FunctionDefinition {
  const fault = (field: string, message: string) =>
    new Error(`Function map ${file}: ${name}${field}: ${message}`);
  if (!FUNCTION_NAME.test(name))
    throw fault('', 'expected a name of 1 to 64 letters, digits, hyphens or underscores');
  if (!isObject(entry) || (!Object.hasOwn(entry, 'url') && !Object.hasOwn(entry, 'handler')))
    throw fault('', 'expected an object with a "handler" or a "url"');
  const parsed = Object.hasOwn(entry, 'url') ? urlEntry.safeParse(entry) : handlerEntry.safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fault(issue?.path.map((key) => `.${String(key)}`).join('') ?? '', issue?.message ?? 'invalid');
  }
  if ('url' in parsed.data) return { kind: 'url', name, ...parsed.data };
  const { handler, ...limits } = parsed.data;
  try {
    return { kind: 'handler', name, ...resolveHandler(handler, dirname(file)), ...limits };
  } catch (error) {
    throw fault('.handler', (error as Error).message);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
