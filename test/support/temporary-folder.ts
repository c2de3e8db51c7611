import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that is gone once it is disposed of (`using folder = temporaryFolder()`). */
export function temporaryFolder(prefix = 'statehouse-test-'): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(path, 0o755); // Postgres runs as another user when the tests run as root
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
