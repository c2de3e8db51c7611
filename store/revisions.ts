/** Revisions of state machines: sets of settings that never change. */
import { sql } from 'kysely';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { Database } from './database.ts';
import { quoteText, unescapeName, unquoteText } from './free-text.ts';
import type { RevisionRecord, StateMachineSettings } from './state-machine.ts';

/**
 * Each set of settings has a row of its own that never changes, also one that differs in configurations only and
 * keeps AWS's revisionId: so an execution points at exactly what it was started with.
 */
export async function addRevision(
  database: Database,
  stateMachineId: string,
  settings: StateMachineSettings,
  revisionId: string | undefined,
): Promise<void> {
  const { id } = await database
    .insertInto('state_machine_revisions')
    .values({
      state_machine_id: stateMachineId,
      uuid: revisionId ?? null,
      definition: settings.definition,
      role_arn: quoteText(settings.roleArn),
      logging_configuration: jsonText(settings.loggingConfiguration),
      tracing_configuration: jsonText(settings.tracingConfiguration),
      encryption_configuration: jsonText(settings.encryptionConfiguration),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await database
    .updateTable('state_machines')
    .set({ current_revision_id: id, updated_at: sql`statehouse.now()` })
    .where('id', '=', stateMachineId)
    .execute();
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Columns of a revision `r`. */
export const REVISION = [
  'r.id as revision_row_id',
  'r.uuid',
  'r.definition',
  'r.role_arn',
  'r.logging_configuration',
  'r.tracing_configuration',
  'r.encryption_configuration',
] as const;

export interface RevisionRow {
  type: MachineType;
  created_at: Date;
  uuid: string | null;
  definition: string;
  role_arn: string;
  logging_configuration: unknown;
  tracing_configuration: unknown;
  encryption_configuration: unknown;
}

/** What a machine has in common with each of its revisions. */
export function toRevision(row: RevisionRow) {
  return {
    type: row.type,
    createdAt: row.created_at.getTime(),
    revisionId: row.uuid ?? undefined,
    definition: row.definition,
    roleArn: unquoteText(row.role_arn),
    loggingConfiguration: row.logging_configuration ?? undefined,
    tracingConfiguration: row.tracing_configuration ?? undefined,
    encryptionConfiguration: row.encryption_configuration ?? undefined,
  };
}

/** Also of machines that are deleted: their executions stay. */
export async function findRevision(
  database: Database,
  revisionRowId: string,
): Promise<RevisionRecord | undefined> {
  const row = await database
    .selectFrom('state_machine_revisions as r')
    .innerJoin('state_machines as m', 'm.id', 'r.state_machine_id')
    .select(['m.name', 'm.type', 'r.created_at'])
    .select(REVISION)
    .where('r.id', '=', revisionRowId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { ...toRevision(row), stateMachineName: unescapeName(row.name), rowId: row.revision_row_id };
}
