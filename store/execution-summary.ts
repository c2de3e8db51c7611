/** What lists show of an execution, as a row of statehouse.list_executions() has it. */
import type { ExecutionSummary } from './execution.ts';
import { unescapeName } from './free-text.ts';

export interface SummaryRow {
  id: string;
  state_machine_name: string;
  name: string;
  version_number: number | null;
  alias_name: string | null;
  status: ExecutionSummary['status'];
  started_at: Date;
  stopped_at: Date | null;
  redrive_count: number;
  redriven_at: Date | null;
}

export function toSummary(row: SummaryRow): ExecutionSummary {
  return {
    id: row.id,
    stateMachineName: unescapeName(row.state_machine_name),
    name: unescapeName(row.name),
    version: row.version_number ?? undefined,
    alias: row.alias_name ?? undefined,
    status: row.status,
    startedAt: row.started_at.getTime(),
    stoppedAt: row.stopped_at?.getTime(),
    redriveCount: row.redrive_count,
    redrivenAt: row.redriven_at?.getTime(),
  };
}
