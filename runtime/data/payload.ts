import { compactJson, type Json, parseJson, stringifyJson } from './json.ts';

/**
 * A piece of data with its JSON text. Each of the two is made from the other once, when first asked for: data
 * that passes through a state unchanged is neither parsed nor written again, and keeps its text byte for byte.
 */
export class Payload {
  #text: string | undefined;
  #value: Json | undefined;

  private constructor(text: string | undefined, value: Json | undefined) {
    this.#text = text;
    this.#value = value;
  }

  /** @param text valid JSON; parsed on first use of {@link value} */
  static fromText(text: string): Payload {
    return new Payload(text, undefined);
  }

  static fromValue(value: Json): Payload {
    return new Payload(undefined, value);
  }

  get text(): string {
    this.#text ??= stringifyJson(this.#value as Json);
    return this.#text;
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = parseJson(this.#text as string);
    return this.#value;
  }

  /** The same data without insignificant white space, which is how AWS writes all but an execution's input. */
  get compact(): Payload {
    if (this.#text === undefined) return this;
    const text = compactJson(this.#text);
    return text === this.#text ? this : new Payload(text, this.#value);
  }
}
