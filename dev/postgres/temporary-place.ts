/** Our own folder in the temp directory. Others may write there too, so nothing in it is trusted unless it is ours. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, type ServerUser } from './server-user.ts';

/** A Unix socket's path has at most 103 bytes on macOS, 107 on Linux, and ours add up to 50 to the temp directory. */
const LONGEST_TEMP_DIRECTORY = 53;

/**
 * `<temp directory>/statehouse-<uid>`: only we write there, everybody may read.
 * @throws Error when no temp directory has a place that is ours and that the server's user can reach
 */
export function temporaryPlace(user: ServerUser): string {
  const problems: string[] = [];
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const place = join(parent, `statehouse-${process.getuid?.()}`);
    const problem = claim(place, parent, user);
    if (problem === undefined) return place;
    problems.push(`${place}: ${problem}`);
  }
  throw new Error(`Postgres needs a folder in the temp directory.\n${problems.join('\n')}`);
}

/** A short name that is the same for the same path each time. */
export function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}

function claim(place: string, parent: string, user: ServerUser): string | undefined {
  if (Buffer.byteLength(parent) > LONGEST_TEMP_DIRECTORY) return 'too long a path for a Unix socket';
  try {
    mkdirSync(place, { recursive: true });
    const found = lstatSync(place);
    // Somebody else's folder or link by our name could hand us somebody else's binaries.
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return 'belongs to another user; remove it';
    chmodSync(place, 0o755); // whatever the umask
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return canReach(user, place, 'execute') ? undefined : `user ${user.name} cannot reach it`;
}
