import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** A handler's place: Lambda's `src/charge.handler` with the file found. */
export interface HandlerReference {
  /** Absolute path of the module. */
  readonly file: string;
  /** The name that it exports; `a.b` is member `b` of export `a`. */
  readonly exportName: string;
}

/** In the order in which a handler's file is looked for. `.ts` runs as it is: Node strips the types. */
export const HANDLER_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs'] as const;

/**
 * Finds what Lambda's Handler setting names: the module's path without its extension, a dot, the export.
 * @param folder what a relative path starts from
 * @throws Error saying what is wrong with the handler
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
export function resolveHandler(handler: string, folder: string): HandlerReference {
  const name = basename(handler);
  const dot = name.indexOf('.');
  if (dot < 1 || dot === name.length - 1)
    throw new Error(
      `expected a module and its export such as src/charge.handler, got ${JSON.stringify(handler)}`,
    );
  const base = resolve(folder, dirname(handler), name.slice(0, dot));
  const extension = HANDLER_EXTENSIONS.find((candidate) => isFile(base + candidate));
  if (extension === undefined) throw new Error(`no file ${base}{${HANDLER_EXTENSIONS.join(',')}}`);
  return { file: base + extension, exportName: name.slice(dot + 1) };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
