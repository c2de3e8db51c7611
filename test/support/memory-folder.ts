import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/** Several times what the folders of a run take. */
const ROOM_BYTES = 2 * 2 ** 30;

/**
 * A folder whose files are in memory, for the temporary folders of a test run; undefined: there is none that has room. Each
 * database is a thousand files, and disks' file systems are slow to make files where many were deleted just now: copying
 * databases would be a fifth of the run.
 */
export function memoryFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    const hasRoom = Math.min(bavail * bsize, process.availableMemory() / 2) >= ROOM_BYTES;
    return hasRoom && runsPrograms(MEMORY) ? MEMORY : undefined;
  } catch {
    return undefined;
  }
}

/** Containers often have it mounted `noexec`, which installed programs don't work on. */
function runsPrograms(place: string): boolean {
  // A folder of its own: others may write to the place, too.
  const folder = mkdtempSync(join(place, 'statehouse-test-'));
  try {
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
