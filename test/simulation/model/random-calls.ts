/** Calls as workers and clients make them: mostly sensible, often late, sometimes again. */
import { encodeEvents, FOLD_VERSION, redrivenEvent } from '../../../runtime/index.ts';
import type { AppendEntry } from '../../../store/append.ts';
import { drawId } from '../../../store/batch.ts';
import type { NumberedAttempt } from '../../../store/claim-attempts.ts';
import type { NewExecution } from '../../../store/execution.ts';
import type { ChildStart } from '../../../store/lease.ts';
import type { Dice } from '../../chaos/dice.ts';
import { startBody } from '../../store/fixture.ts';
import { PLACE } from '../../support/place.ts';
import type { PostgresTwin } from './postgres-twin.ts';
import type { ExecutionRow } from './tables.ts';

export interface CallOutcome {
  readonly call: string;
  readonly model: unknown;
  readonly real: unknown;
}

type Side = 'model' | 'real';

/** Names are few, so that some are taken. */
const NAMES = 40;
const INPUTS = ['{"a":1}', '{"a":2}'];
const TOKENS = 6;
const TIMEOUT_MS = 10_000;

export class RandomCalls {
  readonly #twin: PostgresTwin;
  readonly #dice: Dice;
  #ids = 0;
  #workers = 0;
  /** Of the last append, which may come again. */
  #appended: ((side: Side) => AppendEntry) | undefined;
  readonly #claimIds = new Map<string, number>();

  constructor(twin: PostgresTwin, dice: Dice) {
    this.#twin = twin;
    this.#dice = dice;
  }

  /** Makes one call on both. */
  async next(): Promise<CallOutcome> {
    const call = this.#dice.weighted<[string, () => Promise<Omit<CallOutcome, 'call'>>]>([
      [2, ['start', () => this.#start()]],
      [4, ['claim', () => this.#claim()]],
      [8, ['append', () => this.#append()]],
      [1, ['append again', () => this.#appendAgain()]],
      [3, ['park', () => this.#park()]],
      [4, ['signal', () => this.#signal()]],
      [1, ['closeTokens', () => this.#closeTokens()]],
      [1, ['stop', () => this.#stop()]],
      [1, ['redrive', () => this.#redrive()]],
      [1, ['mail', () => this.#mail()]],
      [1, ['mailOf', () => this.#mailOfOne()]],
      [3, ['workers', () => this.#workersCall()]],
      [1, ['time', () => this.#time()]],
    ]);
    return { call: call[0], ...(await call[1]()) };
  }

  #nextId(): number {
    return ++this.#ids;
  }

  /** Most of the time one that there is, and that is open. */
  #execution(): ExecutionRow | undefined {
    const rows = [...this.#twin.model.tables.executions.values()];
    const open = rows.filter(({ status }) => status === 'RUNNING');
    const some = open.length > 0 && this.#dice.chance(0.85) ? open : rows;
    return some.length === 0 || this.#dice.chance(0.02) ? undefined : this.#dice.pick(some);
  }

  /** Most of the time the newest. */
  #worker(): number {
    return this.#dice.chance(0.7) ? this.#workers - 1 : this.#dice.between(0, this.#workers);
  }

  #newExecution(side: Side, name: string, input: string): NewExecution {
    const startedAt = this.#twin.now;
    const body = startBody(input, startedAt);
    return { ...this.#twin.machineOf(side), name, input, startedAt, body, traceHeader: undefined };
  }

  async #start(): Promise<Omit<CallOutcome, 'call'>> {
    const name = `e${this.#dice.between(1, NAMES)}`;
    const input = this.#dice.pick(INPUTS);
    const appendId = this.#nextId();
    const entry = (side: Side) => ({ ...this.#newExecution(side, name, input), appendId });
    const model = this.#twin.model.start(entry('model'));
    const [real] = await this.#twin.real.start([entry('real')]);
    return { model: withoutId(model), real: withoutId(real) };
  }

  async #claim(): Promise<Omit<CallOutcome, 'call'>> {
    const name = this.#execution()?.name ?? 'nobody';
    const worker = this.#worker();
    const known = this.#claimIds.get(`${name} ${worker}`);
    const claimId = known !== undefined && this.#dice.chance(0.3) ? known : this.#nextId();
    this.#claimIds.set(`${name} ${worker}`, claimId);
    // The snapshot's, an event's, a few events'.
    const bytesMax = this.#dice.pick([1, 2, 80, 300, 1_000_000]);
    const mailBytesMax = this.#mailBytesMax();
    const entry = (side: Side) => ({
      executionId: this.#twin.executionId(side, name),
      workerId: this.#twin.workerId(side, worker),
      claimId,
      bytesMax,
      mailBytesMax,
    });
    const attempt = this.#attempt();
    const model = this.#twin.model.claim(entry('model'), attempt);
    const [real] = await this.#twin.real.claim(entry('real'), attempt);
    return { model: comparable(model), real: comparable(real) };
  }

  /** Some come late, and some revoke those before, or all so far. */
  #attempt(): NumberedAttempt {
    const last = this.#nextId();
    const attempt = this.#dice.chance(0.2) ? this.#dice.between(1, last) : last;
    return { attempt, revoked: this.#dice.chance(0.2) ? this.#dice.between(0, last) : 0 };
  }

  async #append(): Promise<Omit<CallOutcome, 'call'>> {
    const row = this.#execution();
    const dice = this.#dice;
    const seq = (row?.headSeq ?? 0) + (dice.chance(0.05) ? 2 : 1);
    const epoch = (row?.epoch ?? 0) - (dice.chance(0.1) ? 1 : 0);
    const event = row?.nextEventId ?? 1;
    const mail = this.#mailOf(row).filter(() => dice.chance(0.7));
    const opened = dice.chance(0.4) ? [{ token: this.#freeToken(), scheduledEventId: event }] : [];
    const closed = dice.chance(0.2) ? [`t${dice.between(1, TOKENS)}`] : [];
    const children = dice.chance(0.3) ? this.#children(event) : undefined;
    const left = this.#leftChildren(row);
    const end = dice.chance(0.1) ? this.#end() : undefined;
    const appendId = this.#nextId();
    const time = this.#twin.now;
    this.#appended = (side) => ({
      ...{ executionId: this.#twin.executionId(side, row?.name ?? 'nobody'), epoch, seq, appendId },
      ...{ firstEventId: event, nextEventId: event + 1 },
      body: JSON.stringify([{ type: 'PassStateEntered', time, details: { name: `at ${appendId}` } }]),
      mail: mail.map((position) => this.#mailId(side, position)),
      openTokens: opened.filter(({ token }) => token !== ''),
      closedTokens: closed,
      children: children?.(side) ?? [],
      leftChildren: left,
      end,
    });
    return this.#appendAgain();
  }

  async #appendAgain(): Promise<Omit<CallOutcome, 'call'>> {
    if (this.#appended === undefined) return { model: undefined, real: undefined };
    // Before the model's mail changes, by whose positions the real ids are told.
    const [ofModel, ofReal] = [this.#appended('model'), this.#appended('real')];
    await this.#readRealMail();
    const model = this.#twin.model.append(ofModel);
    const [real] = await this.#twin.real.append([ofReal]);
    await this.#readRealMail();
    return { model, real };
  }

  #realMailIds: readonly string[] = [];

  /** Mail is in the same order on both sides: that is compared after each call. */
  async #readRealMail(): Promise<void> {
    this.#realMailIds = await this.#twin.realMailIds();
  }

  #mailOf(row: ExecutionRow | undefined): number[] {
    return this.#twin.model.tables.mailbox.flatMap(({ executionId }, position) =>
      executionId === row?.id ? position : [],
    );
  }

  #mailId(side: Side, position: number): string {
    const id = side === 'model' ? this.#twin.model.tables.mailbox[position]?.id : this.#realMailIds[position];
    return id ?? '0';
  }

  /** '' where all are taken: a token is never opened twice. */
  #freeToken(): string {
    const all = Array.from({ length: TOKENS }, (_, n) => `t${n + 1}`);
    return all.find((token) => !this.#twin.model.tables.tokens.has(token)) ?? '';
  }

  #children(scheduledEventId: number): (side: Side) => ChildStart[] {
    const name = `e${this.#dice.between(1, NAMES)}`;
    const input = this.#dice.pick(INPUTS);
    const isAwaited = this.#dice.chance(0.7);
    return (side) => [{ scheduledEventId, isAwaited, execution: this.#newExecution(side, name, input) }];
  }

  #leftChildren(row: ExecutionRow | undefined): AppendEntry['leftChildren'] {
    return this.#twin.model.tables.children
      .filter(({ parentId }) => parentId === row?.id && this.#dice.chance(0.2))
      .map(({ scheduledEventId }) => ({ scheduledEventId, isOrphan: this.#dice.chance(0.5) }));
  }

  #end(): AppendEntry['end'] {
    const stoppedAt = this.#twin.now;
    return this.#dice.chance(0.5)
      ? { status: 'SUCCEEDED', stoppedAt, output: '{"b":2}', error: undefined, cause: undefined }
      : { status: 'FAILED', stoppedAt, output: undefined, error: 'E', cause: 'c"\u0000' };
  }

  async #park(): Promise<Omit<CallOutcome, 'call'>> {
    const row = this.#execution();
    const dice = this.#dice;
    const parked = {
      epoch: (row?.epoch ?? 0) - (dice.chance(0.1) ? 1 : 0),
      signals: (row?.signals ?? 0) - (dice.chance(0.2) ? 1 : 0),
      wakeAt: dice.chance(0.3) ? null : this.#twin.now + dice.between(-1000, 20_000),
      snapshot: dice.chance(0.4)
        ? { seq: row?.headSeq ?? 0, version: dice.pick([1, FOLD_VERSION]), body: '{}' }
        : undefined,
    };
    return this.#onBoth(row, (side, executionId) =>
      side === 'model'
        ? this.#twin.model.park({ executionId, ...parked })
        : this.#twin.real.park([{ executionId, ...parked }]).then(([real]) => real),
    );
  }

  async #signal(): Promise<Omit<CallOutcome, 'call'>> {
    const dice = this.#dice;
    const kind = dice.pick(['CallbackSucceeded', 'CallbackFailed', 'HeartbeatReceived'] as const);
    const place = dice.chance(0.05) ? { ...PLACE, region: 'eu-west-1' } : PLACE;
    const signal = { token: `t${dice.between(1, TOKENS)}`, place, kind, body: '{"ok":true}' };
    const entry = { ...signal, signalId: dice.chance(0.1) ? this.#ids : this.#nextId() };
    const model = this.#twin.model.signal(entry);
    const [real] = await this.#twin.real.signal([entry]);
    await this.#readRealMail();
    return { model, real };
  }

  async #closeTokens(): Promise<Omit<CallOutcome, 'call'>> {
    const row = this.#execution();
    const own = [...this.#twin.model.tables.tokens].filter(([, { executionId }]) => executionId === row?.id);
    const attempts = own.map(([token, { scheduledEventId }]) => ({ token, scheduledEventId }));
    const epoch = (row?.epoch ?? 0) - (this.#dice.chance(0.2) ? 1 : 0);
    return this.#onBoth(row, (side, executionId) =>
      (side === 'model' ? this.#twin.model : this.#twin.real).closeTokens({ executionId, epoch, attempts }),
    );
  }

  async #stop(): Promise<Omit<CallOutcome, 'call'>> {
    const body = (_id: number, time: number): string =>
      JSON.stringify([{ type: 'ExecutionAborted', time, details: {} }]);
    const end = { status: 'ABORTED', error: 'Stopped', cause: undefined, body } as const;
    const outcome = await this.#onBoth(this.#execution(), async (side, executionId) => {
      const stopped = await (side === 'model' ? this.#twin.model : this.#twin.real).stop(executionId, end);
      return stopped && { ...stopped, revisionRowId: undefined };
    });
    await this.#readRealMail();
    return outcome;
  }

  async #redrive(): Promise<Omit<CallOutcome, 'call'>> {
    const row = this.#execution();
    const clientToken = `c${this.#dice.between(1, 2)}`;
    const body = (event: { id: number; time: number; redriveCount: number }): string =>
      encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]);
    return this.#onBoth(row, (side, executionId) =>
      side === 'model'
        ? this.#twin.model.redrive(
            executionId,
            { clientToken, body },
            { token: clientToken, appendId: drawId() },
          )
        : this.#twin.real.redrive(executionId, { clientToken, body }),
    );
  }

  async #mail(): Promise<Omit<CallOutcome, 'call'>> {
    const { model, store } = this.#twin;
    const worker = this.#worker();
    const limit = this.#dice.pick([1, 2, 100]);
    const name = this.#dice.chance(0.5) ? this.#execution()?.name : undefined;
    const range = (side: Side) => ({
      limit,
      after: name && this.#twin.executionId(side, name),
    });
    return {
      model: comparable(model.mail(this.#twin.workerId('model', worker), range('model'))),
      real: comparable(await store.leases.mail(this.#twin.workerId('real', worker), range('real'))),
    };
  }

  #mailOfOne(): Promise<Omit<CallOutcome, 'call'>> {
    const bytesMax = this.#mailBytesMax();
    return this.#onBoth(this.#execution(), async (side, executionId) => {
      const leases = side === 'model' ? this.#twin.model : this.#twin.store.leases;
      return (await leases.mailOf(executionId, bytesMax)).map(comparable);
    });
  }

  /** An answer's, a few answers'. */
  #mailBytesMax(): number {
    return this.#dice.pick([1, 12, 30, 1_000_000]);
  }

  async #workersCall(): Promise<Omit<CallOutcome, 'call'>> {
    const { model, store } = this.#twin;
    const worker = this.#worker();
    const call = this.#dice.pick([
      'register',
      'register',
      'unregister',
      'reconcile',
      'wakeDue',
      'loseJobs',
      'orphans',
    ]);
    if (call === 'register') {
      await this.#twin.register();
      this.#workers++;
    } else if (call === 'unregister') {
      model.unregister(this.#twin.workerId('model', worker));
      await store.workers.unregister(this.#twin.workerId('real', worker));
    } else if (call === 'loseJobs') await this.#twin.loseJobs();
    else if (call === 'reconcile')
      return { model: model.reconcile(TIMEOUT_MS), real: await this.#twin.reconcile(TIMEOUT_MS) };
    else if (call === 'wakeDue')
      return { model: model.wakeDue(1000, 50), real: await store.workers.wakeDue(1000, 50) };
    else {
      const parentsOf = (found: readonly { parent: object }[]): object[] => found.map(({ parent }) => parent);
      return {
        model: new Set(parentsOf(model.orphans(1000))),
        real: new Set(parentsOf(await store.executions.orphans(1000))),
      };
    }
    return { model: call, real: call };
  }

  async #time(): Promise<Omit<CallOutcome, 'call'>> {
    await this.#twin.advance(this.#dice.pick([1, 500, 4000, 12_000]));
    return { model: 'on', real: 'on' };
  }

  async #onBoth(
    row: ExecutionRow | undefined,
    call: (side: Side, executionId: string) => unknown,
  ): Promise<Omit<CallOutcome, 'call'>> {
    const name = row?.name ?? 'nobody';
    const model = await call('model', this.#twin.executionId('model', name));
    const real = await call('real', this.#twin.executionId('real', name));
    return { model, real };
  }
}

/** Ids are each side's own. */
function withoutId(outcome: object | undefined): object | undefined {
  return outcome && { ...outcome, executionId: undefined };
}

interface WithIds {
  readonly continuesAfter?: string | undefined;
  readonly mail?: readonly { readonly body: string }[];
  readonly body?: string;
}

function comparable(answer: WithIds | undefined): unknown {
  if (answer === undefined) return undefined;
  const { mail, body } = answer;
  return {
    ...{ ...answer, id: undefined, executionId: undefined, revisionRowId: undefined },
    ...(mail && { mail: mail.map(comparable) }),
    continuesAfter: answer.continuesAfter !== undefined,
    // Postgres writes JSON with spaces.
    ...(body !== undefined && { body: JSON.parse(body) as unknown }),
  };
}
