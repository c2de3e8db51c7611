import { sql } from 'kysely';
import type { Batch } from './batch.ts';
import { numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import { escapeName } from './free-text.ts';
import type { Signal, SignalOutcome } from './lease.ts';
import { placeText } from './place.ts';

export interface SignalEntry extends Signal {
  /** Random: by it a signal that was sent, though its COMMIT was not answered, is told from one that comes too late. */
  readonly signalId: number;
}

export const signalBatch: Batch<SignalEntry, SignalOutcome> = {
  name: 'signal',
  key: (signal) => signal.token,
  bytes: (signal) => signal.body.length,
  write: writeSignals,
};

async function writeSignals(
  database: Database,
  signals: readonly SignalEntry[],
): Promise<readonly SignalOutcome[]> {
  const { rows } = await sql<{ sent: number[] | null }>`
    select sent from statehouse.signal_once(
      ${numbers(signals.map((signal) => signal.signalId))},
      ${texts(signals.map((signal) => escapeName(signal.token)))},
      ${texts(signals.map((signal) => placeText(signal.place)))},
      ${texts(signals.map((signal) => signal.kind))},
      ${texts(signals.map((signal) => signal.body))})`.execute(database);
  const sent = new Set(rows[0]?.sent);
  return signals.map((_, index) => (sent.has(index + 1) ? 'sent' : 'unknown'));
}
