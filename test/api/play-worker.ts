/** Plays the worker for one execution: claims it, makes its transitions, appends them, and parks or ends it. */
import {
  DEFAULT_LIMITS,
  decodeEvents,
  type Execution,
  encodeEvents,
  fold,
  type JournalEvent,
  Payload,
  parseDefinition,
  type Trigger,
  transition,
} from '../../runtime/index.ts';
import type { Claim, Mail } from '../../store/lease.ts';
import type { Store } from '../../store/store.ts';
import { toTrigger } from '../../worker/mailbox.ts';

export interface Activation {
  readonly execution: Execution;
  /** What signals had brought when the execution was claimed. */
  readonly mail: readonly Mail[];
}

/**
 * Takes an execution as far as it goes without news.
 * @param submitted JSON texts with which calls of tasks return, in order; a task without one stays open
 * @param time ms since 1970 that its events bear
 */
export async function playWorker(
  store: Store,
  executionArn: string,
  { submitted = [], time }: { submitted?: string[]; time?: number } = {},
): Promise<Activation> {
  const { id, startedAt } = await findByArn(store, executionArn);
  const { workerId } = await store.workers.register({ hostname: 'test', pid: 1, version: 'test' });
  const claim = await store.leases.claim(id, workerId);
  if (claim === undefined) throw new Error(`${executionArn} is not to be had`);
  const revision = await store.stateMachines.revision(claim.revisionRowId);
  const parsed = parseDefinition(revision?.definition ?? '', 'STANDARD');
  if (!parsed.ok) throw new Error('The definition does not parse');

  const execution = fold(claim.journal.flatMap((row) => decodeEvents(row.body, row.firstEventId)));
  const journal = new Journal(store, claim);
  const triggers: Trigger[] = [...claim.mail.map(toTrigger), { kind: 'Proceed' }];
  const moment = { time: time ?? startedAt, seed: [1, 2, 3, 4] as const };
  for (
    let trigger = triggers.shift();
    trigger && execution.status === 'RUNNING';
    trigger = triggers.shift()
  ) {
    const { events, effects } = await transition(parsed.machine, execution, trigger, moment, DEFAULT_LIMITS);
    await journal.append(events, execution);
    if (execution.ready.length > 0) triggers.push({ kind: 'Proceed' });
    for (const effect of effects) {
      const output = effect.kind === 'InvokeTask' ? submitted.shift() : undefined;
      if (output === undefined || effect.kind !== 'InvokeTask') continue;
      const { scheduledEventId } = effect.task;
      triggers.push({ kind: 'TaskSucceeded', scheduledEventId, output: Payload.fromText(output) });
    }
  }
  if (execution.status === 'RUNNING') await journal.park();
  return { execution, mail: claim.mail };
}

function findByArn(store: Store, executionArn: string) {
  const [, partition = '', , region = '', accountId = '', , machine = '', name = ''] =
    executionArn.split(':');
  return store.executions.find({ partition, region, accountId }, machine, name).then((found) => {
    if (found === undefined) throw new Error(`There is no ${executionArn}`);
    return found;
  });
}

/** The claimed execution's journal from its head on. */
class Journal {
  readonly #store: Store;
  readonly #claim: Claim;
  #seq: number;
  #nextEventId: number;
  #mail: readonly string[];

  constructor(store: Store, claim: Claim) {
    this.#store = store;
    this.#claim = claim;
    this.#seq = claim.headSeq;
    this.#nextEventId = claim.nextEventId;
    this.#mail = claim.mail.map(({ id }) => id);
  }

  async append(events: readonly JournalEvent[], execution: Execution): Promise<void> {
    if (events.length === 0 && this.#mail.length === 0) return;
    const firstEventId = this.#nextEventId;
    this.#nextEventId = execution.lastEventId + 1;
    const outcome = await this.#store.leases.append({
      executionId: this.#claim.executionId,
      epoch: this.#claim.epoch,
      seq: ++this.#seq,
      firstEventId,
      nextEventId: this.#nextEventId,
      body: encodeEvents(events),
      mail: this.#mail,
      openTokens: events.flatMap(openedTokens),
      closedTokens: [],
      children: [],
      leftChildren: [],
      end: endOf(execution, events.at(-1)?.timestamp ?? 0),
    });
    if (outcome !== 'won') throw new Error('The lease was lost');
    this.#mail = [];
  }

  async park(): Promise<void> {
    const { executionId, epoch, signals } = this.#claim;
    await this.#store.leases.park({ executionId, epoch, signals, wakeAt: null, snapshot: undefined });
  }
}

function openedTokens(event: JournalEvent) {
  const token = 'token' in event.private ? event.private.token : undefined;
  return token === undefined ? [] : [{ token, scheduledEventId: event.id }];
}

function endOf({ status, output, failure }: Execution, stoppedAt: number) {
  if (status === 'RUNNING') return undefined;
  return { status, stoppedAt, output: output?.text, error: failure?.error, cause: failure?.cause };
}
