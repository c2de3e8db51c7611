/** This program's own TypeScript files, and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Not ours, made from ours, or workspaces with rules of their own. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'console', 'bench/peers']);

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  /** The top folder; '' for files that lie in the root. */
  readonly folder: string;
  readonly text: string;
}

export function sourceFiles(): SourceFile[] {
  return list('').map((path) => ({
    path,
    folder: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
    text: readFileSync(join(ROOT, path), 'utf8'),
  }));
}

function list(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (SKIPPED.has(path) || entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) return list(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** `import … from '…'` and `export … from '…'`, `import '…'`, and `import('…')` anywhere. */
const IMPORTS = [
  /^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
];

/** As written; relative ones as paths from the root. */
export function importsOf({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  return IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier = '']) => specifier)).map(
    (specifier) => (specifier.startsWith('.') ? posix.join('/', posix.dirname(path), specifier) : specifier),
  );
}

/** Comments go; a `//` inside a string goes too, which no rule here minds. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
}
