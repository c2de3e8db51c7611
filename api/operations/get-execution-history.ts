import { decodeEvents, type HistoryEvent, toHistoryEvent } from '../../runtime/index.ts';
import type { ExecutionStore, JournalRow } from '../../store/execution.ts';
import { findExecution } from '../arns.ts';
import { awsError } from '../errors.ts';
import type { Output } from '../model/shapes.ts';
import { pageSize } from '../pages.ts';
import type { Operation } from './operation.ts';

/** A page ends early once its journal rows hold this much: 1000 events of 256 KiB would not fit into memory. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

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
  const end = step === 1 ? Math.min(last, first + limit - 1) : Math.max(last, first - limit + 1);
  const range = { from: Math.min(first, end), to: Math.max(first, end) };
  const rows = await executions.journal(executionId, {
    ...range,
    bytesMax: PAGE_BYTES_MAX,
    countsFrom: step === 1 ? 'first' : 'last',
  });
  const events = showEvents(rows, range, includeExecutionData);
  if (step === -1) events.reverse();
  const next = first + step * events.length;
  if (events[0]?.id !== first || events.at(-1)?.id !== next - step) return undefined;
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
