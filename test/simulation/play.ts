/** Plays a schedule until nothing is left to do, and says what the rules find then. */
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import { violationsIn } from '../chaos/checker/checker.ts';
import type { Evidence } from '../chaos/checker/evidence.ts';
import { definitionOf } from '../chaos/workflows/definition.ts';
import type { Workflow } from '../chaos/workflows/workflow.ts';
import { START_TIME } from '../support/in-memory-run.ts';
import { PLACE } from '../support/place.ts';
import { earlyTimersIn } from './early-timers.ts';
import { collect, journalsIn } from './evidence.ts';
import { Installation, type InstallationOptions } from './installation.ts';
import { ModelDatabase } from './model/database.ts';
import type { ExecutionRow } from './model/tables.ts';
import { seal } from './sealed.ts';

/** What the chaos checker finds, and what it cannot see. */
export interface SimulationViolation {
  readonly rule: string;
  readonly sentence: string;
}

export interface ScheduleReport {
  readonly seed: number;
  /** Of all that happened, in its order. */
  readonly hash: string;
  readonly happenings: number;
  readonly violations: readonly SimulationViolation[];
  readonly evidence: Evidence;
}

interface PlayOptions extends Omit<InstallationOptions, 'createDatabase'> {
  readonly seed: number;
  readonly createDatabase?: InstallationOptions['createDatabase'];
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
/** All has come to its end by then, whatever it has to wait for: it is calm long before. */
const END_MS = 10 * 60 * 1000;
/** How long what is left may take to be tidied up: jobs that a dead worker has taken are dropped after a while. */
const TIDY_MS = 60_000;

/** @param begin sets going what the installation does, and what befalls it */
export async function play(
  options: PlayOptions,
  begin: (installation: Installation) => void,
): Promise<ScheduleReport> {
  const { seed, dice } = options;
  let installation: Installation | undefined;
  // The wall clock of processes is wrong, and nothing may depend on it.
  const wallClockShift = dice.between(-YEAR_MS, YEAR_MS);
  const open = seal(dice, () => (installation?.now ?? START_TIME) + wallClockShift, {
    stacks: options.trace !== undefined,
  });
  try {
    installation = new Installation({
      createDatabase: (clock, notify) => new ModelDatabase(clock, notify),
      ...options,
    });
    begin(installation);
    await runToEnd(installation, options);
  } finally {
    open();
  }
  const { tables } = installation.database;
  const journals = journalsIn(tables);
  const evidence = collect(installation, journals, seed);
  const { hash, happened } = installation.timeline;
  const violations = [...violationsIn(evidence), ...earlyTimersIn(tables, journals)];
  return { seed, hash, happenings: happened, violations, evidence };
}

export function deploy({ database }: Installation, workflow: Workflow): void {
  const definition = definitionOf(workflow, ({ name }) => stateMachineArn(PLACE, name));
  database.createStateMachine(workflow.name, JSON.stringify(definition));
}

/** Until nothing is left to do, or until it is clear that what is left will never be done. */
async function runToEnd(
  { timeline, clients, database }: Installation,
  { weather }: Pick<InstallationOptions, 'weather'>,
): Promise<void> {
  const { executions, jobs } = database.tables;
  const isOver = (): boolean => clients.isIdle && !hasRunning(executions);
  await timeline.runUntil(() => timeline.now >= END_MS || isOver());
  weather.calmDown();
  const end = timeline.now + TIDY_MS;
  await timeline.runUntil(() => timeline.now >= end || jobs.size === 0);
}

function hasRunning(executions: ReadonlyMap<string, ExecutionRow>): boolean {
  for (const { status } of executions.values()) if (status === 'RUNNING') return true;
  return false;
}
