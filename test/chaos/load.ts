/** What clients do meanwhile: start, stop, redrive, answer tokens; and what they were answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { executionArn } from '../../runtime/execution/arn.ts';
import { PLACE } from '../support/place.ts';
import { ACTIVITY } from './activity.ts';
import type { Answer, ApiCaller } from './api-caller.ts';
import { CAP } from './cap-watch.ts';
import type { CallbackAnswer, ExpressStart, Redrive, Start, Stop, SyncStart } from './checker/evidence.ts';
import type { Dice } from './dice.ts';
import { EXPRESS_FUNCTIONS, SYNC_FUNCTIONS, type SyncInput } from './functions.ts';
import { definitionOf, LISTS } from './workflows/definition.ts';
import { secondsOf } from './workflows/duration.ts';
import { expressDefinition } from './workflows/express.ts';
import type { FunctionOutcome } from './workflows/outcomes.ts';
import { randomScenario, type Scenario } from './workflows/scenario.ts';
import { cappedWorkflow, overtimeWorkflow, randomWorkflow, type Workflow } from './workflows/workflow.ts';

const LEAVES = 4;
const PARENTS = 8;
const EXPRESS = 'express';
const SYNC = 'sync';
const ALL = { hasSql: true, hasActivities: true };

const PAUSE_MS = [20, 200] as const;
const CROWDED_PAUSE_MS = 200;
const POLL_MS = 1000;
const RETRY_MS = 300;

/** What becomes of one execution from outside, drawn before it starts. */
interface Fate {
  readonly stopAfterMs: number | undefined;
  /** Once it was stopped; one that failed and can be mended always is. */
  readonly isRedriven: boolean;
}

export class Load {
  readonly starts: Start[] = [];
  readonly expressStarts: ExpressStart[] = [];
  readonly syncStarts: SyncStart[] = [];
  readonly stops: Stop[] = [];
  readonly redrives: Redrive[] = [];
  readonly answers: CallbackAnswer[] = [];
  readonly #api: ApiCaller;
  readonly #dice: Dice;
  readonly #longestSeconds: number;
  readonly #workflows: readonly Workflow[];
  readonly #capped = cappedWorkflow(CAP.stateMachine);
  readonly #machineArns = new Map<string, string>();
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;
  #answersSent = 0;

  /** @param longestSeconds that an execution may take by itself */
  constructor(api: ApiCaller, dice: Dice, longestSeconds: number) {
    this.#api = api;
    this.#dice = dice;
    this.#longestSeconds = longestSeconds;
    const leaves = Array.from({ length: LEAVES }, (_, n) => randomWorkflow(`leaf-${n}`, dice, [], ALL));
    const overtime = overtimeWorkflow('overtime');
    const children = [...leaves, overtime];
    const parents = Array.from({ length: PARENTS }, (_, n) =>
      randomWorkflow(`parent-${n}`, dice, children, ALL),
    );
    this.#workflows = [...children, ...parents, this.#capped];
  }

  /** Creates the activity and the state machines. */
  async deploy(): Promise<void> {
    await this.#api.insist('CreateActivity', { name: ACTIVITY });
    for (const workflow of this.#workflows) {
      const definition = definitionOf(workflow, ({ name }) => this.#arnOf(name));
      const tags = workflow === this.#capped ? [CAP.tag] : [];
      await this.#create(workflow.name, { definition, type: 'STANDARD', tags });
    }
    await this.#create(EXPRESS, { definition: expressDefinition(EXPRESS_FUNCTIONS, 1000), type: 'EXPRESS' });
    await this.#create(SYNC, { definition: expressDefinition(SYNC_FUNCTIONS, 0), type: 'EXPRESS' });
  }

  /** Starts executions, a few a second, until the signal aborts. */
  async run(isCrowded: () => boolean, signal: AbortSignal): Promise<void> {
    for (let n = 1; !signal.aborted; n++) {
      if (isCrowded()) await sleep(CROWDED_PAUSE_MS);
      else if (this.#dice.chance(0.15)) this.#begin(this.#startExpress(`x${n}`));
      else if (this.#dice.chance(0.1)) this.#begin(this.#startSync(`s${n}`));
      else if (this.#dice.chance(0.02)) this.#crowd(n);
      else this.#begin(this.#live(`e${n}`, this.#drawWorkflow(), this.#drawFate()));
      await sleep(this.#dice.between(...PAUSE_MS));
    }
  }

  /** Nothing is left to do for executions that have been started. */
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  /** Resolves when all requests under way have ended, answered or not; no more are made. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#api.close();
    await Promise.all(this.#underWay);
  }

  /** Answers a token until it has been answered, or nobody waits for it any more. Twice: by two clients at once. */
  answerToken(token: string, answer: FunctionOutcome, isTwice: boolean): Promise<void> {
    const done = Promise.all(Array.from({ length: isTwice ? 2 : 1 }, () => this.#answer(token, answer)));
    return this.#begin(done.then(() => {}));
  }

  #begin(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  async #create(
    name: string,
    { definition, ...more }: { definition: object; type: string; tags?: readonly object[] },
  ): Promise<void> {
    const roleArn = 'arn:aws:iam::000000000000:role/statehouse';
    const input = { name, definition: JSON.stringify(definition), roleArn, ...more };
    const answer = await this.#api.insist('CreateStateMachine', input);
    if (answer.outcome !== 'acknowledged') throw new Error(`${name}: ${JSON.stringify(answer)}`);
    this.#machineArns.set(name, String(answer.output.stateMachineArn));
  }

  #arnOf(name: string): string {
    return this.#machineArns.get(name) ?? '';
  }

  #drawWorkflow(): { workflow: Workflow; scenario: Scenario } {
    for (;;) {
      const workflow = this.#dice.pick(this.#workflows);
      const scenario = randomScenario(workflow, this.#dice);
      if (secondsOf(workflow, scenario) <= this.#longestSeconds) return { workflow, scenario };
    }
  }

  /** More than may be under way at a time. */
  #crowd(n: number): void {
    for (let i = 1; i <= 2 * CAP.maxConcurrency; i++) {
      const scenario = randomScenario(this.#capped, this.#dice);
      this.#begin(this.#live(`e${n}-${i}`, { workflow: this.#capped, scenario }, this.#drawFate()));
    }
  }

  #drawFate(): Fate {
    const stopAfterMs = this.#dice.chance(0.1) ? this.#dice.between(0, 4000) : undefined;
    return { stopAfterMs, isRedriven: this.#dice.chance(0.6) };
  }

  async #live(
    name: string,
    { workflow, scenario }: { workflow: Workflow; scenario: Scenario },
    { stopAfterMs, isRedriven }: Fate,
  ): Promise<void> {
    const arn = executionArn(PLACE, workflow.name, name);
    if (!(await this.#start(arn, name, workflow, scenario))) return;
    if (stopAfterMs !== undefined) {
      await sleep(stopAfterMs);
      await this.#stop(arn);
    }
    if (stopAfterMs === undefined && scenario.must.length === 1) return;
    const status = await this.#statusAtEnd(arn);
    if (status === 'FAILED' ? scenario.must.length > 1 : status === 'ABORTED' && isRedriven)
      await this.#redrive(arn);
  }

  async #start(arn: string, name: string, workflow: Workflow, scenario: Scenario): Promise<boolean> {
    const stateMachineArn = this.#arnOf(workflow.name);
    const input = JSON.stringify({ ...scenario, lists: LISTS });
    const answer = await this.#api.insist('StartExecution', { stateMachineArn, name, input });
    // The name is taken by the request before, whose answer was lost.
    const isStarted = answer.outcome === 'acknowledged' || codeOf(answer) === 'ExecutionAlreadyExists';
    if (!isStarted && answer.outcome === 'refused') throw new Error(`${name}: ${answer.code}`);
    this.starts.push({ executionArn: arn, outcome: isStarted ? 'acknowledged' : 'unknown' });
    return isStarted;
  }

  async #startExpress(id: string): Promise<void> {
    const input = { stateMachineArn: this.#arnOf(EXPRESS), input: JSON.stringify({ id }) };
    const { outcome } = await this.#api.call('StartExecution', input);
    this.expressStarts.push({ id, outcome });
  }

  /** Some callers hang up before they can have an answer. */
  async #startSync(id: string): Promise<void> {
    const input: SyncInput = { id, delayMs: this.#dice.between(0, 400) };
    const request = { stateMachineArn: this.#arnOf(SYNC), input: JSON.stringify(input) };
    const patienceMs = this.#dice.chance(0.3) ? this.#dice.between(1, 800) : undefined;
    const answer = await this.#api.call('StartSyncExecution', request, patienceMs);
    const { status, output } = answer.outcome === 'acknowledged' ? answer.output : {};
    this.syncStarts.push({
      id,
      outcome: answer.outcome,
      ...(status !== undefined && { status: String(status), output: String(output) }),
    });
  }

  async #stop(arn: string): Promise<void> {
    const answer = await this.#api.insist('StopExecution', { executionArn: arn, error: 'Stopped' });
    const { outcome } = answer;
    this.stops.push({
      executionArn: arn,
      outcome,
      ...(outcome === 'acknowledged' && { stopDate: Number(answer.output.stopDate) }),
    });
  }

  async #redrive(arn: string): Promise<void> {
    const input = { executionArn: arn, clientToken: `redrive-${arn.split(':').at(-1)}` };
    const answer = await this.#api.insist('RedriveExecution', input);
    const { outcome } = answer;
    this.redrives.push({
      executionArn: arn,
      outcome,
      ...(outcome === 'acknowledged' && { redriveDate: Number(answer.output.redriveDate) }),
    });
  }

  async #statusAtEnd(arn: string): Promise<unknown> {
    while (!this.#closed) {
      const answer = await this.#api.call('DescribeExecution', { executionArn: arn });
      if (answer.outcome === 'acknowledged' && answer.output.status !== 'RUNNING')
        return answer.output.status;
      await sleep(POLL_MS);
    }
    return undefined;
  }

  async #answer(token: string, answer: FunctionOutcome): Promise<void> {
    while (!this.#closed) {
      const id = `answer-${++this.#answersSent}`;
      const sent =
        'value' in answer
          ? await this.#api.call('SendTaskSuccess', {
              taskToken: token,
              output: JSON.stringify({ value: answer.value, by: id }),
            })
          : await this.#api.call('SendTaskFailure', { taskToken: token, error: answer.error, cause: id });
      this.answers.push({ id, token, outcome: sent.outcome });
      if (sent.outcome !== 'unknown') return;
      await sleep(RETRY_MS);
    }
  }
}

function codeOf(answer: Answer): string | undefined {
  return answer.outcome === 'refused' ? answer.code : undefined;
}
