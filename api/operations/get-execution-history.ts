import { decodeEvents, type HistoryEvent, toHistoryEvent } from '../../runtime/index.ts';
import type { ExecutionStore, JournalRow } from '../../store/store.ts';
import { findExecution } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Output } from '../model/shapes.ts';
import { pageSize } from '../pages.ts';
import type { Operation } from './operation.ts';

/** Events read from the store at once. */
const CHUNK_EVENTS = 100;
/** A page ends early once its journal rows hold this much: 1000 events of 256 KiB would not fit into memory. */
const PAGE_LENGTH_MAX = 4 * 1024 * 1024;

/**
 * Reads only the journal rows that a page needs.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
 */
export const getExecutionHistory: Operation<'GetExecutionHistory'> = async (input, context) => {
  const { includeExecutionData = true, reverseOrder = false } = input;
  const { id, lastEventId } = await findExecution(context, input.executionArn);
  const position = (await context.pageTokens.read('GetExecutionHistory', input)) as Position | undefined;
  // The execution of the page before has been removed, and another one has its name.
  if (position !== undefined && position.id !== id) throw awsError('InvalidToken');
  const page = await readPage(context.store.executions, {
    executionId: id,
    first: position?.begin ?? (reverseOrder ? lastEventId : 1),
    last: reverseOrder ? 1 : lastEventId,
    limit: pageSize(input.maxResults),
    includeExecutionData,
  });
  if (page === undefined) {
    // Most likely it has been removed while it was read.
    await findExecution(context, input.executionArn);
    throw new Error(`The journal of execution ${id} lacks events`);
  }
  return {
    // The model has a precise shape for each type of event; the runtime's type is looser.
    events: page.events as unknown as Output<'GetExecutionHistory'>['events'],
    nextToken:
      page.next === undefined
        ? undefined
        : await context.pageTokens.issue('GetExecutionHistory', input, {
            id,
            begin: page.next,
          } satisfies Position),
  };
};

/** Where a page begins: an execution, and the event's id. */
interface Position {
  readonly id: string;
  readonly begin: number;
}

interface PageRequest {
  readonly executionId: string;
  /** Ids of the first event and of the last that there is, in the order of the answer. */
  readonly first: number;
  readonly last: number;
  readonly limit: number;
  readonly includeExecutionData: boolean;
}

/** `next`: the id that the next page begins with. Undefined: events are missing. */
async function readPage(
  executions: Pick<ExecutionStore, 'journal'>,
  { executionId, first, last, limit, includeExecutionData }: PageRequest,
): Promise<{ events: HistoryEvent[]; next: number | undefined } | undefined> {
  const step = first <= last ? 1 : -1;
  const count = Math.min(limit, Math.abs(last - first) + 1);
  const events: HistoryEvent[] = [];
  let length = 0;
  while (events.length < count && length < PAGE_LENGTH_MAX) {
    const begin = first + step * events.length;
    const end = begin + step * (Math.min(CHUNK_EVENTS, count - events.length) - 1);
    const range = { from: Math.min(begin, end), to: Math.max(begin, end) };
    const rows = await executions.journal(executionId, range);
    const chunk = showEvents(rows, range, includeExecutionData);
    if (chunk.length !== range.to - range.from + 1) return undefined;
    events.push(...(step === 1 ? chunk : chunk.reverse()));
    length += rows.reduce((sum, row) => sum + row.body.length, 0);
  }
  const next = first + step * events.length;
  return { events, next: step * (last - next) >= 0 ? next : undefined };
}

/** The events of the rows that the range holds, ascending. */
function showEvents(
  rows: readonly JournalRow[],
  { from, to }: { from: number; to: number },
  includeExecutionData: boolean,
): HistoryEvent[] {
  return rows
    .flatMap((row) => decodeEvents(row.body, row.firstEventId))
    .filter(({ id }) => id >= from && id <= to)
    .flatMap((event) => toHistoryEvent(event, { includeExecutionData }) ?? []);
}
