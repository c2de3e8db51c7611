/** What a simulation leaves behind, as the chaos checker reads it. */
import { decodeEvents, type JournalEvent } from '../../runtime/index.ts';
import { placeText } from '../../store/place.ts';
import type { Evidence, ExecutionEvidence } from '../chaos/checker/evidence.ts';
import { toEvidence } from '../chaos/collect.ts';
import { PLACE } from '../support/place.ts';
import type { Installation } from './installation.ts';
import type { ExecutionRow, Tables } from './model/tables.ts';

export interface CommittedEvent {
  readonly event: JournalEvent;
  readonly committedAt: number;
}

/** By execution. */
export function journalsIn(tables: Tables): Map<string, CommittedEvent[]> {
  return new Map(
    [...tables.executions.keys()].map((id): [string, CommittedEvent[]] => {
      const events = tables
        .journalOf(id)
        .flatMap(({ body, firstEventId, committedAt }) =>
          decodeEvents(body, firstEventId).map((event) => ({ event, committedAt })),
        );
      return [id, events];
    }),
  );
}

export function collect(
  { clients, functions, database, crashes }: Installation,
  journals: ReadonlyMap<string, readonly CommittedEvent[]>,
  seed: number,
): Evidence {
  const { starts, stops, redrives, answers } = clients;
  const { tables } = database;
  return {
    ...{ seed, starts, stops, redrives, answers, crashes, effects: [] },
    ...{ expressStarts: [], expressFunctions: [], syncStarts: [], syncFunctions: [], polls: [], caps: [] },
    calls: functions.calls,
    executions: [...tables.executions.values()].map((row) =>
      executionEvidence(tables, row, journals.get(row.id) ?? []),
    ),
    leftovers: leftoversIn(tables),
  };
}

function executionEvidence(
  tables: Tables,
  row: ExecutionRow,
  journal: readonly CommittedEvent[],
): ExecutionEvidence {
  const rows = tables.journalOf(row.id);
  const stored = {
    place: placeText(PLACE),
    machine: tables.revision(row.revisionRowId).stateMachineName,
    name: row.name,
    status: row.status,
    output: row.output ?? null,
    error: row.error === undefined ? null : JSON.stringify(row.error),
    owner: row.owner ?? null,
    head_seq: row.headSeq,
    next_event_id: row.nextEventId,
    seqs: rows.map(({ seq }) => seq),
    first_event_ids: rows.map(({ firstEventId }) => firstEventId),
    bodies: rows.map(({ body }) => body),
  };
  return toEvidence(
    stored,
    journal.map(({ event }) => event),
  );
}

/** What must not be there once nothing runs. */
function leftoversIn(tables: Tables): Evidence['leftovers'] {
  return {
    jobs: [...tables.jobs],
    'task tokens': [...tables.tokens],
    'pieces of mail': tables.mailbox,
    snapshots: [...tables.snapshots.keys()],
    'children that somebody waits for': tables.children,
  };
}
