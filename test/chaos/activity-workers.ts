/** Workers of an activity: they poll, work, send heartbeats, answer late and twice, and die. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTIVITY_ARN, HEARTBEAT_SECONDS } from './activity.ts';
import type { ApiCaller } from './api-caller.ts';
import type { ActivityPoll } from './checker/evidence.ts';
import type { Dice } from './dice.ts';
import type { AnswerToken } from './functions.ts';
import { Outcomes, type Payload } from './workflows/outcomes.ts';

const POLLERS = 4;
const RETRY_MS = 300;
const HEARTBEAT_EVERY_MS = 700;
const TOO_LATE_MS = HEARTBEAT_SECONDS * 1000 + 500;

export class ActivityWorkers {
  readonly polls: ActivityPoll[] = [];
  readonly #api: ApiCaller;
  readonly #dice: Dice;
  readonly #answerToken: AnswerToken;
  readonly #outcomes = new Outcomes();
  #pollsMade = 0;

  constructor(api: ApiCaller, dice: Dice, answerToken: AnswerToken) {
    this.#api = api;
    this.#dice = dice;
    this.#answerToken = answerToken;
  }

  /** Resolves once the signal has aborted and nobody polls any more. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: POLLERS }, () => this.#poll(signal)));
  }

  /** Who has a task polls for the next one at once, as several workers behind one poller do. */
  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const id = `poll-${++this.#pollsMade}`;
      const answer = await this.#api.call('GetActivityTask', { activityArn: ACTIVITY_ARN, workerName: id });
      const { taskToken, input } = answer.outcome === 'acknowledged' ? answer.output : {};
      if (typeof taskToken === 'string') {
        this.polls.push({ id, outcome: answer.outcome, token: taskToken });
        void this.#work(taskToken, JSON.parse(String(input)) as Payload);
      } else {
        this.polls.push({ id, outcome: answer.outcome });
        await sleep(RETRY_MS);
      }
    }
  }

  async #work(token: string, payload: Payload): Promise<void> {
    const { answers, delayMs } = payload.behaviour;
    const fate = this.#dice.weighted([
      [8, 'works'],
      [1, 'is late'],
      [1, 'dies'],
    ]);
    if (fate === 'dies') return;
    if (fate === 'is late') await sleep(TOO_LATE_MS);
    else await this.#beatFor(delayMs, token);
    await this.#answerToken(token, this.#outcomes.of(payload), answers.twice);
  }

  async #beatFor(ms: number, token: string): Promise<void> {
    for (let left = ms; left > 0; left -= HEARTBEAT_EVERY_MS) {
      void this.#api.call('SendTaskHeartbeat', { taskToken: token });
      await sleep(Math.min(left, HEARTBEAT_EVERY_MS));
    }
  }
}
