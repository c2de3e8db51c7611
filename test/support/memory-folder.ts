import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/** Several times what the folders of a run take. */
const ROOM_BYTES = 2 * 2 ** 30;

/**
 * Where temporary folders of a test run go: into memory if it has room. Each database is a thousand files, and disks' file
 * systems are slow to make files where many were deleted just now: copying databases would be a fifth of the run.
 */
export function temporaryPlace(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (Math.min(bavail * bsize, process.availableMemory() / 2) < ROOM_BYTES) return tmpdir();
    return runsPrograms(MEMORY) ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Containers often have it mounted `noexec`, which installed programs don't work on. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, `statehouse-test-${process.pid}`);
  try {
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program, { force: true });
  }
}
