/** What lists show of an execution, as a row has it. */
import type { ExecutionSummary } from './execution.ts';
import { unescapeName } from './free-text.ts';

/** Of an execution `e` and its state machine `m`. */
export const SUMMARY = [
  'e.id',
  'm.name as state_machine_name',
  'e.name',
  'e.version_number',
  'e.alias_name',
  'e.status',
  'e.started_at',
  'e.stopped_at',
  'e.redrive_count',
  'e.redriven_at',
] as const;

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
