import { JOURNAL_VERSION } from '../runtime/index.ts';

/** An execution that a newer program has begun or redriven: no fault of it, and newer workers will run it. */
export class NewerJournal extends Error {}

/** @throws NewerJournal */
export function requireReadable(version: number): void {
  if (version > JOURNAL_VERSION)
    throw new NewerJournal(
      `Its journal has version ${version}, this worker reads up to ${JOURNAL_VERSION}: upgrade it`,
    );
}
