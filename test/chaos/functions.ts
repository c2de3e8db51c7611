/** The functions that executions call: they do as the scenario says, and keep every call that they receive. */
import { type LambdaCall, LambdaEndpoint } from '../support/lambda-endpoint.ts';
import type { FunctionCall } from './checker/evidence.ts';
import { type FunctionOutcome, Outcomes, type Payload } from './workflows/outcomes.ts';

/** The functions of Express executions, in the order in which they are called. */
export const EXPRESS_FUNCTIONS = ['express-first', 'express-second'];
export const SYNC_FUNCTIONS = ['sync-first', 'sync-second'];

export type AnswerToken = (token: string, answer: FunctionOutcome, isTwice: boolean) => Promise<void>;

/** What synchronous Express executions are given. */
export interface SyncInput {
  readonly id: string;
  /** Of each function. */
  readonly delayMs: number;
}

/** How long after a function's own answer its token is answered, when that comes late. */
const LATE_MS = 400;

export class Functions {
  readonly calls: FunctionCall[] = [];
  readonly #endpoint: LambdaEndpoint;
  readonly #answerToken: AnswerToken;
  readonly #outcomes = new Outcomes();

  private constructor(endpoint: LambdaEndpoint, answerToken: AnswerToken) {
    this.#endpoint = endpoint;
    this.#answerToken = answerToken;
    endpoint.onCall((call) => this.#receive(call));
  }

  /** @param answerToken resolves when the token has been answered, or nobody waits for it any more */
  static async start(answerToken: AnswerToken): Promise<Functions> {
    return new Functions(await LambdaEndpoint.start(), answerToken);
  }

  get url(): string {
    return this.#endpoint.url;
  }

  close(): Promise<void> {
    return this.#endpoint.close();
  }

  #receive(call: LambdaCall): void {
    const { functionName, idempotencyKey, payload } = call;
    const received: { -readonly [K in keyof FunctionCall]: FunctionCall[K] } = {
      functionName,
      idempotencyKey,
      payload,
    };
    this.calls.push(received);
    const succeed = (result: unknown): void => {
      received.result = JSON.stringify(result);
      call.answer(result);
    };
    if (EXPRESS_FUNCTIONS.includes(functionName)) succeed(payload);
    else if (SYNC_FUNCTIONS.includes(functionName))
      setTimeout(() => succeed(payload), (payload as SyncInput).delayMs);
    else if (functionName === 'work') this.#work(call, payload as Payload, succeed);
    else if (functionName === 'callback') {
      received.token = (payload as Payload).token;
      void this.#callBack(payload as Payload, () => succeed(null));
    }
    // `hang` is left without an answer.
  }

  #work(call: LambdaCall, payload: Payload, succeed: (result: unknown) => void): void {
    const outcome = this.#outcomes.of(payload);
    setTimeout(() => {
      if ('value' in outcome) succeed(outcome.value);
      else call.fail(outcome.error);
    }, payload.behaviour.delayMs);
  }

  async #callBack({ token = '', ...payload }: Payload, returns: () => void): Promise<void> {
    const outcome = this.#outcomes.of(payload);
    const { answers, delayMs } = payload.behaviour;
    const answer = (): Promise<void> => this.#answerToken(token, outcome, answers.twice);
    if (answers.early) {
      await answer();
      returns();
    } else {
      returns();
      setTimeout(() => void answer(), LATE_MS + delayMs);
    }
  }
}
