/** Executions by their names: those that are asked for at the same moment are read together. */
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Batch } from './batch.ts';
import { texts } from './batch-columns.ts';
import type { ExecutionRecord } from './execution.ts';
import { type SummaryRow, toSummary } from './execution-summary.ts';
import { escapeName, unquoteText } from './free-text.ts';
import { placeText } from './place.ts';
import { type RedriveFacts, redriveRefusal } from './redrivability.ts';
import { inputOf } from './start.ts';

interface Sought {
  readonly place: ArnPlace;
  readonly stateMachineName: string;
  readonly name: string;
}

/** Each may come with an input and an output of the largest size, and two batches be on their way. */
const MAX_ENTRIES = 20;

export const findBatch: Batch<Sought, ExecutionRecord | undefined> = {
  name: 'find',
  maxEntries: MAX_ENTRIES,
  bytes: () => 0,
  write: async (database, sought) => {
    const { rows } = await sql<ExecutionRow>`
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

interface ExecutionRow extends SummaryRow, Omit<RedriveFacts, 'status'> {
  /** From 1, of what was sought. */
  position: number;
  revision_id: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  trace_header: string | null;
}

function toRecord(row: ExecutionRow): ExecutionRecord {
  return {
    ...toSummary(row),
    revisionRowId: row.revision_id,
    input: inputOf(row.first_body),
    output: row.output ?? undefined,
    error: unquoteText(row.error),
    cause: unquoteText(row.cause),
    traceHeader: unquoteText(row.trace_header),
    lastEventId: row.next_event_id - 1,
    redriveRefusal: redriveRefusal(row),
  };
}
