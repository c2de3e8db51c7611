/** What a test reaches of the world: time, randomness, and the services that Tasks call. */
import { setTimeout as delay } from 'node:timers/promises';
import { drawMoment } from '../../express/moment.ts';
import type { TaskIntegration } from '../../integrations/integration.ts';
import type { Integrations } from '../../integrations/registry.ts';
import { States } from '../../runtime/failures/failure.ts';
import {
  type Moment,
  Payload,
  type TaskInvocation,
  type TaskOutcome,
  type TestWorld,
} from '../../runtime/index.ts';
import { awsError } from '../errors.ts';

/** A test that takes longer fails with States.Timeout. */
const TEST_MS_MAX = 5 * 60 * 1000;

/** Thrown out of a test that has taken too long. */
export class TestTimedOut extends Error {
  override readonly name = 'TestTimedOut';
}

export interface Surroundings {
  readonly integrations: Pick<Integrations, 'find'> | undefined;
  /** ms since 1970. */
  readonly now: () => number;
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
}

/** The world of one test, whose time runs from now. */
export class LiveWorld implements TestWorld {
  readonly #surroundings: Surroundings;
  readonly #over: AbortSignal;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#over = AbortSignal.any([surroundings.closing, AbortSignal.timeout(TEST_MS_MAX)]);
  }

  moment(): Moment {
    return drawMoment(this.#surroundings.now());
  }

  async waitUntil(time: number): Promise<void> {
    await this.#sleep(time, this.#over);
    this.#check();
  }

  /** @throws AwsError UnsupportedOperationException when there is no integration for the Resource */
  async call(task: TaskInvocation): Promise<TaskOutcome> {
    const integration = this.#surroundings.integrations?.find(task.resource);
    if (integration === undefined)
      throw awsError('UnsupportedOperationException', `tests of ${task.resource.arn} without a mock`);
    const finished = new AbortController();
    const signal = AbortSignal.any([finished.signal, this.#over]);
    const outcome = await Promise.race([
      this.#invoke(integration, task, signal),
      this.#timeOut(task.deadline, signal),
    ]);
    finished.abort();
    this.#check();
    return outcome;
  }

  async #invoke(
    integration: TaskIntegration,
    task: TaskInvocation,
    signal: AbortSignal,
  ): Promise<TaskOutcome> {
    const idempotencyKey = `${task.executionArn}#${task.scheduledEventId}`;
    try {
      const result = await integration.invoke({ ...task, idempotencyKey, signal });
      if (result.kind === 'failed') return result;
      return { kind: 'succeeded', output: Payload.fromText(result.output) };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', failure: { error: States.Runtime, cause } };
    }
  }

  /** Settles when TimeoutSeconds, or the whole test's time, are over. */
  async #timeOut(deadline: number | undefined, signal: AbortSignal): Promise<TaskOutcome> {
    await this.#sleep(deadline ?? Number.POSITIVE_INFINITY, signal);
    return { kind: 'timedOut' };
  }

  async #sleep(until: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min(until - this.#surroundings.now(), TEST_MS_MAX);
    // An abort ends the sleep; whoever slept looks why.
    if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
  }

  /** @throws TestTimedOut, AwsError ServiceUnavailable */
  #check(): void {
    if (this.#surroundings.closing.aborted) throw awsError('ServiceUnavailable');
    if (this.#over.aborted) throw new TestTimedOut();
  }
}
