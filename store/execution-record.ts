/** All that is shown of an execution, as statehouse.execution_records() has it. */
import type { ExecutionRecord } from './execution.ts';
import { type SummaryRow, toSummary } from './execution-summary.ts';
import { unquoteText } from './free-text.ts';
import { type RedriveFacts, redriveRefusal } from './redrivability.ts';
import { inputOf } from './start.ts';

/** Each may come with an input and an output of the largest size, and two batches be on their way. */
export const RECORDS_MAX = 20;

export interface RecordRow extends SummaryRow, Omit<RedriveFacts, 'status'> {
  revision_id: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  trace_header: string | null;
}

export function toRecord(row: RecordRow): ExecutionRecord {
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
