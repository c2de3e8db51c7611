/** The functions that tasks call: they do as the scenario says, at the other end of a wire, and keep every call. */
import type { TaskCall, TaskIntegration, TaskResult } from '../../integrations/integration.ts';
import { unknownOutcome } from '../../integrations/lambda/invocation-failure.ts';
import { readInvokeParameters } from '../../integrations/lambda/invoke-parameters.ts';
import { invokeResult } from '../../integrations/lambda/invoke-result.ts';
import type { FunctionCall } from '../chaos/checker/evidence.ts';
import type { Dice } from '../chaos/dice.ts';
import { type FunctionOutcome, Outcomes, type Payload } from '../chaos/workflows/outcomes.ts';
import { PLACE } from '../support/place.ts';
import type { SimulatedProcess } from './process.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

/** Who answers tokens. */
export interface TokenHolder {
  /** Resolves when the token has been answered, or nobody waits for it any more. */
  answerToken(token: string, outcome: FunctionOutcome, isTwice: boolean): Promise<void>;
  /** Says that the task goes on. */
  beat(token: string): void;
}

/** What a function answers, and when. */
type Answer = (result: TaskResult) => void;

/** How long after a function's own answer its token is answered, when that comes late. */
const LATE_MS = 400;

const LOST = unknownOutcome('The connection broke');

export class SimulatedFunctions {
  readonly calls: FunctionCall[] = [];
  readonly #timeline: Timeline;
  readonly #weather: Weather;
  readonly #dice: Dice;
  readonly #tokens: TokenHolder;
  readonly #outcomes = new Outcomes();

  constructor(timeline: Timeline, weather: Weather, dice: Dice, tokens: TokenHolder) {
    this.#timeline = timeline;
    this.#weather = weather;
    this.#dice = dice;
    this.#tokens = tokens;
  }

  /** The way there from one process. */
  integrationFor(caller: SimulatedProcess): TaskIntegration {
    return {
      name: 'simulated functions',
      recovery: 'unknown',
      serves: ({ kind }) => kind === 'lambda' || kind === 'service',
      lost: () => LOST,
      invoke: (call) => this.#invoke(caller, call),
      close: async () => {},
    };
  }

  #invoke(caller: SimulatedProcess, call: TaskCall): Promise<TaskResult> {
    const { servedAfterMs, heardAfterMs, isAnswered, death } = this.#weather.fateOf(caller, 'invoke');
    const label = `${caller.name} ${call.idempotencyKey}`;
    return new Promise((resolve) => {
      const backMs = heardAfterMs - (servedAfterMs ?? 0);
      const hear = (delayMs: number, result: TaskResult): void => {
        this.#timeline.after(delayMs, `${label} is heard of`, () => caller.enter(() => resolve(result)));
      };
      if (!isAnswered) hear(heardAfterMs, { kind: 'failed', failure: LOST });
      if (servedAfterMs === undefined) return;
      this.#timeline.after(servedAfterMs, `${label} is received`, () => {
        if (death === 'before') caller.kill();
        if (death === 'before' || (caller.isDead && !this.#weather.arrives())) return;
        this.#receive(call, (result) => isAnswered && hear(backMs, result));
        if (death === 'after') caller.kill();
      });
    });
  }

  #receive(call: TaskCall, answer: Answer): void {
    const { functionName, payload } = targetOf(call);
    const received: { -readonly [K in keyof FunctionCall]: FunctionCall[K] } = {
      functionName,
      idempotencyKey: call.idempotencyKey,
      payload,
    };
    this.calls.push(received);
    if (functionName === 'work')
      this.#work(payload as Payload, (outcome) => {
        if ('value' in outcome) received.result = JSON.stringify(outcome.value);
        answer(resultOf(outcome));
      });
    if (functionName !== 'callback') return; // `hang` is left without an answer
    received.token = (payload as Payload).token;
    const headers = [['x-amzn-requestid', 'simulated']] as const;
    const output = invokeResult({ status: 200, headers, body: 'null' });
    void this.#callBack(payload as Payload, () => answer({ kind: 'succeeded', output }));
  }

  #work(payload: Payload, answer: (outcome: FunctionOutcome) => void): void {
    const outcome = this.#outcomes.of(payload);
    const label = `work of ${payload.state}`;
    this.#timeline.after(payload.behaviour.delayMs, label, () => answer(outcome));
  }

  async #callBack({ token = '', ...payload }: Payload, returns: () => void): Promise<void> {
    const outcome = this.#outcomes.of(payload);
    const { answers, delayMs } = payload.behaviour;
    const answer = (): Promise<void> => this.#tokens.answerToken(token, outcome, answers.twice);
    if (this.#dice.chance(0.3)) this.#tokens.beat(token);
    if (answers.early) {
      await answer();
      returns();
    } else {
      returns();
      this.#timeline.after(LATE_MS + delayMs, `late answer of ${payload.state}`, () => void answer());
    }
  }
}

/** @throws Error when it is none of ours */
function targetOf({ resource, input }: TaskCall): { functionName: string; payload: unknown } {
  if (resource.kind === 'lambda')
    return { functionName: resource.arn.split(':').at(-1) ?? '', payload: input.value };
  const parameters = readInvokeParameters(input, PLACE);
  if ('failure' in parameters) throw new Error(`Not a call of a function: ${input.text}`);
  return { functionName: parameters.function.name, payload: JSON.parse(parameters.payload) };
}

function resultOf(outcome: FunctionOutcome): TaskResult {
  return 'value' in outcome
    ? { kind: 'succeeded', output: JSON.stringify(outcome.value) }
    : { kind: 'failed', failure: { error: outcome.error, cause: '' } };
}
