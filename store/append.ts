import { type RawBuilder, sql } from 'kysely';
import { writeActivityTask } from './activity-task-text.ts';
import { type Batch, drawId } from './batch.ts';
import { flags, inLockOrder, numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import { escapeName, quoteText } from './free-text.ts';
import type { Append, AppendOutcome } from './lease.ts';

export interface AppendEntry extends Append {
  /** Random: by it a row whose COMMIT was not answered is told from somebody else's. */
  readonly appendId: number;
}

export const appendBatch: Batch<AppendEntry, AppendOutcome> = {
  name: 'append',
  key: (entry) => entry.executionId,
  bytes: bytesOf,
  write: writeAppends,
};

function bytesOf({ body, end, openTokens, children }: AppendEntry): number {
  const inputs = openTokens.reduce((sum, { activityTask }) => sum + (activityTask?.input.length ?? 0), 0);
  const starts = children.reduce((sum, { execution }) => sum + execution.body.length, 0);
  return body.length + (end?.output?.length ?? 0) + inputs + starts;
}

export async function writeAppends(
  database: Database,
  entries: readonly AppendEntry[],
): Promise<readonly AppendOutcome[]> {
  const { rows } = await sql<{ won: string[] | null }>`
    select won from statehouse.append(${appendArguments(inLockOrder(entries))})`.execute(database);
  const won = new Set(rows[0]?.won);
  return entries.map((entry) => (won.has(entry.executionId) ? 'won' : 'lost'));
}

/** The columns that statehouse.append() takes. */
export function appendArguments(entries: readonly AppendEntry[]): RawBuilder<unknown> {
  const mail = flatten(entries, (entry) => entry.mail);
  const opened = flatten(entries, (entry) => entry.openTokens);
  const closed = flatten(entries, (entry) => entry.closedTokens);
  const children = flatten(entries, (entry) => entry.children);
  const started = children.map(({ value }) => value.execution);
  const left = flatten(entries, (entry) => entry.leftChildren);
  return sql`
    ${numbers(entries.map((entry) => entry.executionId))},
    ${numbers(entries.map((entry) => entry.epoch))},
    ${numbers(entries.map((entry) => entry.seq))},
    ${numbers(entries.map((entry) => entry.appendId))},
    ${numbers(entries.map((entry) => entry.firstEventId))},
    ${numbers(entries.map((entry) => entry.nextEventId))},
    ${texts(entries.map((entry) => entry.body))},
    ${texts(entries.map((entry) => entry.end?.status))},
    ${numbers(entries.map((entry) => entry.end?.stoppedAt))},
    ${texts(entries.map((entry) => entry.end?.output))},
    ${texts(entries.map((entry) => quoteText(entry.end?.error)))},
    ${texts(entries.map((entry) => quoteText(entry.end?.cause)))},
    ${numbers(mail.map((item) => item.executionId))},
    ${numbers(mail.map((item) => item.value))},
    ${numbers(opened.map((item) => item.executionId))},
    ${numbers(opened.map((item) => item.value.scheduledEventId))},
    ${texts(opened.map((item) => escapeName(item.value.token)))},
    ${numbers(opened.map((item) => item.value.activityTask?.activityId))},
    ${texts(opened.map(({ value }) => value.activityTask && writeActivityTask(value.activityTask)))},
    ${numbers(closed.map((item) => item.executionId))},
    ${texts(closed.map((item) => escapeName(item.value)))},
    ${numbers(children.map((item) => item.executionId))},
    ${numbers(children.map((item) => item.value.scheduledEventId))},
    ${flags(children.map((item) => item.value.isAwaited))},
    ${numbers(started.map((execution) => execution.stateMachineId))},
    ${numbers(started.map((execution) => execution.revisionRowId))},
    ${numbers(started.map((execution) => execution.version))},
    ${numbers(started.map((execution) => execution.startedAt))},
    ${numbers(started.map(() => drawId()))},
    ${texts(started.map((execution) => escapeName(execution.name)))},
    ${texts(started.map((execution) => execution.alias))},
    ${texts(started.map((execution) => quoteText(execution.traceHeader)))},
    ${texts(started.map((execution) => execution.body))},
    ${numbers(left.map((item) => item.executionId))},
    ${numbers(left.map((item) => item.value.scheduledEventId))},
    ${flags(left.map((item) => item.value.isOrphan))}`;
}

/** The items of all entries in one list, each with its execution. */
function flatten<Item>(
  entries: readonly AppendEntry[],
  items: (entry: AppendEntry) => readonly Item[],
): { executionId: string; value: Item }[] {
  return entries.flatMap((entry) => {
    const { executionId } = entry;
    return items(entry).map((value) => ({ executionId, value }));
  });
}
