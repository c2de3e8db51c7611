/** What a simulation leaves behind, as the chaos checker reads it. */
import { placeText } from '../../store/place.ts';
import type { Evidence, ExecutionEvidence } from '../chaos/checker/evidence.ts';
import { toEvidence } from '../chaos/collect.ts';
import { PLACE } from '../support/place.ts';
import type { Installation } from './installation.ts';
import type { ExecutionRow, Tables } from './model/tables.ts';

export function collect({ clients, functions, database, crashes }: Installation, seed: number): Evidence {
  const { starts, stops, redrives, answers } = clients;
  const { tables } = database;
  return {
    ...{ seed, starts, stops, redrives, answers, crashes, effects: [] },
    ...{ expressStarts: [], expressFunctions: [], syncStarts: [], syncFunctions: [], polls: [], caps: [] },
    calls: functions.calls,
    executions: [...tables.executions.values()].map((row) => executionEvidence(tables, row)),
    leftovers: leftoversIn(tables),
  };
}

function executionEvidence(tables: Tables, row: ExecutionRow): ExecutionEvidence {
  const rows = tables.journalOf(row.id);
  return toEvidence({
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
  });
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
