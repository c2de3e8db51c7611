/** What a test shows of the way from input to output. */
import { type JsonObject, stringifyJson } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import type { Branch, Handling } from '../execution/execution.ts';
import type { Inspection, Stages } from '../execution/inspection.ts';
import { type Fault, matchingRetrier } from '../failures/retry.ts';
import type { State, StateType } from '../machine/machine.ts';

type Shown = {
  readonly [S in keyof Stages]?: Stages[S] extends Payload ? string : number;
};

/**
 * Texts are JSON.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_InspectionData.html
 */
export interface InspectionData extends Shown {
  readonly input: string;
  /** All variables that the state leaves behind; absent when there are none. */
  readonly variables?: string;
  readonly errorDetails?: ErrorDetails;
}

export interface ErrorDetails {
  readonly retryIndex?: number;
  readonly retryBackoffIntervalSeconds?: number;
  readonly catchIndex?: number;
}

/** What Retry and Catch have made of a fault. */
export interface Handled {
  readonly fault: Fault;
  readonly handling: Handling;
}

/** As recorded: a Parallel is tested from its result on. */
const HIDDEN: { readonly [T in StateType]?: readonly (keyof Stages)[] } = {
  Parallel: ['afterInputPath', 'afterParameters', 'afterArguments'],
};

export class Recorder implements Inspection {
  readonly context: JsonObject;
  readonly #stages = new Map<keyof Stages, string | number>();
  #handled: Handled | undefined;

  constructor(context: JsonObject) {
    this.context = context;
  }

  get handled(): Handled | undefined {
    return this.#handled;
  }

  observe<S extends keyof Stages>(stage: S, data: Stages[S]): void {
    this.#stages.set(stage, data instanceof Payload ? data.compact.text : data);
  }

  observeHandling(fault: Fault, handling: Handling): void {
    this.#handled = { fault, handling };
  }

  /** @param now ms since 1970, when the state ended */
  data(state: State, { variables }: Pick<Branch, 'variables'>, input: Payload, now: number): InspectionData {
    const stages = [...this.#stages].filter(([stage]) => !HIDDEN[state.type]?.includes(stage));
    const errorDetails = this.#handled && errorDetailsOf(state, this.#handled, now);
    return {
      input: input.text,
      ...Object.fromEntries(stages),
      ...(variables.size > 0 && { variables: textOf(variables) }),
      ...(errorDetails && Object.keys(errorDetails).length > 0 && { errorDetails }),
    };
  }
}

/** A retrier without attempts left is named all the same. */
function errorDetailsOf(state: State, { fault, handling }: Handled, now: number): ErrorDetails {
  const retryIndex = 'retry' in state ? matchingRetrier(state.retry, fault) : -1;
  return {
    ...(retryIndex >= 0 && { retryIndex }),
    ...(handling.kind === 'retry' && {
      retryBackoffIntervalSeconds: Math.floor((handling.until - now) / 1000),
    }),
    ...(handling.kind === 'catch' && { catchIndex: handling.catcher }),
  };
}

function textOf(variables: ReadonlyMap<string, Payload>): string {
  return stringifyJson(Object.fromEntries([...variables].map(([name, { value }]) => [name, value])));
}
