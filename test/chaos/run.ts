/** A whole chaos run: load and nemesis together for a while, then peace until nothing moves any more, then the checker. */
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityWorkers } from './activity-workers.ts';
import { ApiCaller } from './api-caller.ts';
import { CapWatch } from './cap-watch.ts';
import { type Violation, violationsIn } from './checker/checker.ts';
import type { Evidence } from './checker/evidence.ts';
import { collectEffects, collectExecutions, collectLeftovers } from './collect.ts';
import { Dice } from './dice.ts';
import { EXPRESS_FUNCTIONS, Functions, SYNC_FUNCTIONS } from './functions.ts';
import { Installation } from './installation.ts';
import { Load } from './load.ts';
import { type FaultCounts, Nemesis } from './nemesis.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long there is load, and are faults. */
  readonly seconds: number;
  /** How long an execution may take by itself: peace begins about so long before everything has ended. */
  readonly longestSeconds: number;
  /** Load without faults: any violation then is a mistake of the load's or the checker's, or the plainest fault there is. */
  readonly isCalm?: boolean;
  /** How long nothing may move before what is left counts as stuck. */
  readonly stuckMs: number;
  /** Is told where the run has come to. */
  readonly log?: (line: string) => void;
}

export interface ChaosReport {
  readonly executions: number;
  /** States entered. */
  readonly transitions: number;
  readonly faults: FaultCounts;
  /** See {@link Takeovers}. */
  readonly takeoverMs: readonly number[];
  readonly violations: readonly Violation[];
  /** With the evidence and the logs; only after violations. */
  readonly folder: string | undefined;
}

/** Executions open at a time: beyond that no more are started. */
const OPEN_MAX = 60;
const WATCH_MS = 500;

/** @throws Error when the run itself could not be made */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, seconds, longestSeconds, stuckMs, isCalm = false, log = () => {} } = options;
  const folder = mkdtempSync(join(tmpdir(), `statehouse-chaos-${seed}-`));
  chmodSync(folder, 0o755); // Postgres runs as another user when this runs as root
  let load: Load | undefined;
  const end = new AbortController();
  const functions = await Functions.start(async (...answer) => load?.answerToken(...answer));
  const installation = await Installation.start(folder, functions.url);
  try {
    const api = new ApiCaller(installation.apiUrls);
    load = new Load(api, new Dice(seed, 1), longestSeconds);
    await load.deploy();
    log('all processes are ready');
    const { answerToken } = load;
    const activityWorkers = new ActivityWorkers(api, new Dice(seed, 4), answerToken.bind(load));
    const capWatch = new CapWatch(installation);
    const watching = [activityWorkers.run(end.signal), capWatch.run(end.signal)];
    const nemesis = new Nemesis(installation, new Dice(seed, 2), (line) =>
      appendFileSync(join(folder, 'nemesis.log'), `${new Date().toISOString()} ${line}\n`),
    );
    await wreakHavoc(installation, load, isCalm ? undefined : nemesis, seconds);
    log('load and faults are over');
    await untilQuiet(installation, load, stuckMs);
    log('nothing moves any more');
    end.abort();
    await load.close();
    await Promise.all(watching);
    const { starts, expressStarts, syncStarts, stops, redrives, answers } = load;
    const evidence: Evidence = {
      seed,
      starts,
      expressStarts,
      expressFunctions: EXPRESS_FUNCTIONS,
      syncStarts,
      syncFunctions: SYNC_FUNCTIONS,
      polls: activityWorkers.polls,
      caps: capWatch.caps,
      stops,
      redrives,
      answers,
      calls: functions.calls,
      executions: await collectExecutions(installation),
      effects: await collectEffects(installation),
      crashes: installation.nodes.flatMap(({ process }) => process.crashes),
      leftovers: await collectLeftovers(installation),
    };
    return report(evidence, nemesis, folder);
  } finally {
    end.abort();
    await installation.stop();
    await functions.close();
  }
}

async function wreakHavoc(
  installation: Installation,
  load: Load,
  nemesis: Nemesis | undefined,
  seconds: number,
): Promise<void> {
  const time = AbortSignal.timeout(seconds * 1000);
  let open = 0;
  const watching = (async () => {
    while (!time.aborted) {
      open = (await progress(installation)).open;
      await sleep(WATCH_MS);
    }
  })();
  await Promise.all([load.run(() => open >= OPEN_MAX, time), nemesis?.run(time), watching]);
}

interface Progress {
  readonly open: number;
  /** Changes whenever anything moves. */
  readonly mark: string;
}

async function progress(installation: Installation): Promise<Progress> {
  const [row] = await installation.query<{ open: string; mark: string }>(`
    select (select count(*) from statehouse.executions where status = 'RUNNING')
        + (select count(*) from statehouse.express_executions)
        + (select count(*) from graphile_worker._private_jobs) as open,
      concat_ws(' ', (select sum(head_seq) from statehouse.executions), (select count(*) from statehouse.express_executions),
        (select count(*) from graphile_worker._private_jobs)) as mark`);
  return { open: Number(row?.open), mark: row?.mark ?? '' };
}

/** Resolves when nothing runs any more, or when nothing has moved for so long that it never will. */
async function untilQuiet(installation: Installation, load: Load, stuckMs: number): Promise<void> {
  let last: string | undefined;
  for (let movedAt = performance.now(); performance.now() - movedAt < stuckMs; ) {
    const { open, mark } = await progress(installation);
    if (open === 0 && load.isIdle) return;
    if (mark !== last) movedAt = performance.now();
    last = mark;
    await sleep(WATCH_MS);
  }
}

function report(evidence: Evidence, { counts, takeovers }: Nemesis, folder: string): ChaosReport {
  const violations = violationsIn(evidence);
  if (violations.length === 0) rmSync(folder, { recursive: true, force: true });
  else {
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence));
    writeFileSync(join(folder, 'violations.json'), JSON.stringify(violations, null, 2));
  }
  const events = evidence.executions.flatMap((execution) => execution.events);
  return {
    executions: evidence.starts.length + evidence.expressStarts.length,
    transitions: events.filter(({ type }) => type.endsWith('StateEntered')).length,
    faults: counts,
    takeoverMs: takeovers.milliseconds,
    violations,
    folder: violations.length === 0 ? undefined : folder,
  };
}
