import { contextObject } from '../data/context-object.ts';
import type { Json, JsonObject } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import type { Environment, JsonataEvaluator, JsonataStates } from '../expressions/environment.ts';
import type { Random } from '../expressions/random.ts';
import type { MapItem, Turn } from './step.ts';

/** What expressions see in a branch's turn. Few look at all of it: what costs something is made when it is asked for. */
export class TurnEnvironment implements Environment {
  readonly input: Json;
  readonly states: JsonataStates | undefined;
  readonly #turn: Turn;
  readonly #item: MapItem | undefined;
  #context: JsonObject | undefined;

  /** @param input what is `$` */
  constructor(turn: Turn, input: Json, states: JsonataStates | undefined, item: MapItem | undefined) {
    this.#turn = turn;
    this.input = input;
    this.states = states;
    this.#item = item;
  }

  readonly context = (): JsonObject => {
    this.#context ??= contextObject(this.#turn, this.#item);
    return this.#context;
  };

  get variables(): ReadonlyMap<string, Json> {
    return this.#turn.variables;
  }

  get random(): Random {
    return this.#turn.step.random;
  }

  get time(): number {
    return this.#turn.step.time;
  }

  get jsonata(): JsonataEvaluator {
    return this.#turn.step.jsonata;
  }
}

/** `$states` of a state that may have a result. */
export class TurnStates implements JsonataStates {
  readonly #turn: Turn;
  readonly #result: Payload | undefined;

  constructor(turn: Turn, result?: Payload) {
    this.#turn = turn;
    this.#result = result;
  }

  get input(): Json {
    return this.#turn.branch.input.value;
  }

  get result(): Json | undefined {
    return this.#result?.value;
  }
}
