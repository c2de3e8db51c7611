import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The file that a worker thread starts with. Modules import each other by names that the build rewrites; a
 * thread's entry is named at run time, so it takes the extension of the module that asks: `.ts` in the source
 * tree, `.js` in the published package.
 * @param entry relative path without its extension
 * @param importer `import.meta.url` of the module that asks
 */
export function threadEntry(entry: string, importer: string): string {
  return fileURLToPath(new URL(entry + extname(importer), importer));
}
