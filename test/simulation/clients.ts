/** What clients do: start, stop, redrive, answer tokens; and what they were answered. They repeat what is not answered. */
import { findStartTarget, newExecution } from '../../integrations/states/execution-start.ts';
import { createStartPoints } from '../../integrations/states/start-points.ts';
import { executionArn, stateMachineArn } from '../../runtime/execution/arn.ts';
import { abortedEvent, encodeEvents, PORTABLE_LIMITS, redrivenEvent } from '../../runtime/index.ts';
import type { SignalKind } from '../../store/lease.ts';
import type { Store } from '../../store/store.ts';
import { pause } from '../../telemetry/clock.ts';
import type { CallbackAnswer, Redrive, Start, Stop } from '../chaos/checker/evidence.ts';
import { LISTS } from '../chaos/workflows/definition.ts';
import type { FunctionOutcome } from '../chaos/workflows/outcomes.ts';
import type { Scenario } from '../chaos/workflows/scenario.ts';
import type { Workflow } from '../chaos/workflows/workflow.ts';
import { PLACE } from '../support/place.ts';
import type { TokenHolder } from './functions.ts';
import { nameKey, type Tables } from './model/tables.ts';
import type { SimulatedProcess } from './process.ts';

/** What becomes of one execution from outside. */
export interface Fortune {
  readonly startAfterMs: number;
  readonly stopAfterMs: number | undefined;
  /** Once it was stopped; one that failed and can be mended always is. */
  readonly isRedriven: boolean;
}

const POLL_MS = 500;
const RETRY_MS = 300;

export class Clients implements TokenHolder {
  readonly starts: Start[] = [];
  readonly stops: Stop[] = [];
  readonly redrives: Redrive[] = [];
  readonly answers: CallbackAnswer[] = [];
  readonly #process: SimulatedProcess;
  readonly #store: Store;
  readonly #tables: Tables;
  readonly #underWay = new Set<Promise<void>>();
  readonly #never = new AbortController().signal;
  readonly #lookup: Parameters<typeof findStartTarget>[0];
  #answersSent = 0;

  /** @param tables to see how executions are, without a call */
  constructor(process: SimulatedProcess, store: Store, tables: Tables) {
    this.#process = process;
    this.#store = store;
    this.#tables = tables;
    const { stateMachines } = store;
    const startPoints = createStartPoints(stateMachines);
    this.#lookup = { stateMachines, startPoints, place: PLACE, ceilings: PORTABLE_LIMITS };
  }

  /** Nothing is left to do for the executions that live. */
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  /** One execution, from its start to its last end. */
  live(name: string, workflow: Workflow, scenario: Scenario, fortune: Fortune): void {
    this.#begin(this.#live(name, workflow, scenario, fortune));
  }

  /** Twice: by two clients at once. */
  answerToken(token: string, outcome: FunctionOutcome, isTwice: boolean): Promise<void> {
    const done = Promise.all(Array.from({ length: isTwice ? 2 : 1 }, () => this.#answer(token, outcome)));
    return this.#begin(done.then(() => {}));
  }

  beat(token: string): void {
    this.#begin(this.#signal(token, 'HeartbeatReceived', '{}').then(() => {}));
  }

  #begin(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  #sleep(ms: number): Promise<void> {
    return pause(this.#process, ms, this.#never);
  }

  async #live(name: string, workflow: Workflow, scenario: Scenario, fortune: Fortune): Promise<void> {
    const { startAfterMs, stopAfterMs, isRedriven } = fortune;
    await this.#sleep(startAfterMs);
    const executionId = await this.#start(name, workflow, scenario);
    const arn = executionArn(PLACE, workflow.name, name);
    if (stopAfterMs !== undefined) {
      await this.#sleep(stopAfterMs);
      await this.#stop(executionId, arn);
    }
    if (stopAfterMs === undefined && scenario.must.length === 1) return;
    const status = await this.#statusAtEnd(executionId);
    if (status === 'FAILED' ? scenario.must.length > 1 : status === 'ABORTED' && isRedriven)
      await this.#redrive(executionId, arn, workflow);
  }

  /** @returns the execution's id */
  async #start(name: string, workflow: Workflow, scenario: Scenario): Promise<string> {
    const input = JSON.stringify({ ...scenario, lists: LISTS });
    const arn = stateMachineArn(PLACE, workflow.name);
    const execution = await this.#insisting(async () => {
      const found = await findStartTarget(this.#lookup, arn, 0);
      if (found.kind !== 'found') throw new Error(`${arn} is ${found.kind}`);
      const record = await this.#store.stateMachines.startRecord(PLACE, workflow.name, {});
      const request = { name, input, traceHeader: undefined, trace: undefined, time: record?.time ?? 0 };
      return newExecution(found.target, request, PLACE);
    });
    await this.#insisting(() => this.#store.executions.start(execution));
    this.starts.push({ executionArn: executionArn(PLACE, workflow.name, name), outcome: 'acknowledged' });
    // Also where the name was taken: by the start before, whose answer was lost.
    return this.#tables.names.get(nameKey(execution.stateMachineId, name)) ?? 'none';
  }

  async #stop(executionId: string, arn: string): Promise<void> {
    const failure = { error: 'Stopped' };
    const { stop } = this.#store.executions;
    const stopped = await this.#insisting(() =>
      stop(executionId, {
        ...{ status: 'ABORTED', error: failure.error, cause: undefined },
        body: (eventId, time) => encodeEvents([abortedEvent(eventId, time, failure)]),
      }),
    );
    // Closed already: then that end's time is answered.
    const stoppedAt = stopped?.stoppedAt ?? this.#tables.execution(executionId).stoppedAt;
    const stopDate = stoppedAt === undefined ? undefined : stoppedAt / 1000;
    this.stops.push({
      executionArn: arn,
      outcome: 'acknowledged',
      ...(stopDate !== undefined && { stopDate }),
    });
  }

  async #redrive(executionId: string, arn: string, { timeoutSeconds }: Workflow): Promise<void> {
    const { redrive } = this.#store.executions;
    const outcome = await this.#insisting(() =>
      redrive(executionId, {
        clientToken: `redrive-${arn}`,
        body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds })]),
      }),
    );
    this.redrives.push(
      outcome.kind === 'redriven'
        ? { executionArn: arn, outcome: 'acknowledged', redriveDate: outcome.redrivenAt / 1000 }
        : { executionArn: arn, outcome: 'refused' },
    );
  }

  async #statusAtEnd(executionId: string): Promise<string> {
    for (;;) {
      const { status } = this.#tables.execution(executionId);
      if (status !== 'RUNNING') return status;
      await this.#sleep(POLL_MS);
    }
  }

  async #answer(token: string, outcome: FunctionOutcome): Promise<void> {
    for (;;) {
      const id = `answer-${++this.#answersSent}`;
      const sent =
        'value' in outcome
          ? await this.#signal(token, 'CallbackSucceeded', JSON.stringify({ value: outcome.value, by: id }))
          : await this.#signal(token, 'CallbackFailed', JSON.stringify({ error: outcome.error, cause: id }));
      this.answers.push({ id, token, outcome: sent });
      if (sent !== 'unknown') return;
      await this.#sleep(RETRY_MS);
    }
  }

  async #signal(token: string, kind: SignalKind, body: string): Promise<CallbackAnswer['outcome']> {
    try {
      const outcome = await this.#store.leases.signal({ token, place: PLACE, kind, body });
      return outcome === 'sent' ? 'acknowledged' : 'refused';
    } catch {
      return 'unknown';
    }
  }

  async #insisting<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await request();
      } catch {
        await this.#sleep(RETRY_MS);
      }
    }
  }
}
