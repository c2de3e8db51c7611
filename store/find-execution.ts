/** Executions by their names: those that are asked for at the same moment are read together. */
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Batch } from './batch.ts';
import { texts } from './batch-columns.ts';
import type { ExecutionRecord } from './execution.ts';
import { RECORDS_MAX, type RecordRow, toRecord } from './execution-record.ts';
import { escapeName } from './free-text.ts';
import { placeText } from './place.ts';

interface Sought {
  readonly place: ArnPlace;
  readonly stateMachineName: string;
  readonly name: string;
}

interface FoundRow extends RecordRow {
  /** From 1, of what was sought. */
  position: number;
}

export const findBatch: Batch<Sought, ExecutionRecord | undefined> = {
  name: 'find',
  maxEntries: RECORDS_MAX,
  bytes: () => 0,
  write: async (database, sought) => {
    const { rows } = await sql<FoundRow>`
      select * from statehouse.find_executions(
        ${texts(sought.map(({ place }) => placeText(place)))},
        ${texts(sought.map(({ stateMachineName }) => escapeName(stateMachineName)))},
        ${texts(sought.map(({ name }) => escapeName(name)))})`.execute(database);
    const found = new Map(rows.map((row) => [row.position, row]));
    return sought.map((_, index) => {
      const row = found.get(index + 1);
      return row && toRecord(row);
    });
  },
};
