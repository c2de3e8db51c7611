import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { ExecutionSummary, ListExecutions } from './execution.ts';
import { type SummaryRow, toSummary } from './execution-summary.ts';

/** Newest first. @throws what the database throws */
export async function listExecutions(
  database: Database,
  { stateMachineId, version, alias, status, limit, after }: ListExecutions,
): Promise<ExecutionSummary[]> {
  const { rows } = await sql<SummaryRow>`
    select * from statehouse.list_executions(
      ${stateMachineId}, ${status}, ${version}, ${alias},
      ${after?.startedAt}, ${after?.id}, ${limit})`.execute(database);
  return rows.map(toSummary);
}
