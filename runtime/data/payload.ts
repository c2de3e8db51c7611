import { compactJson, type Json, parseJson, stringifyJson } from './json.ts';

/**
 * A piece of data with its JSON text. Each of the two is made from the other once, when first asked for: data
 * that passes through a state unchanged is neither parsed nor written again, and keeps its text byte for byte.
 */
export class Payload {
  #text: string | undefined;
  #value: Json | undefined;
  /** Known to be without white space; what is written here is. */
  #isCompact: boolean;

  private constructor(text: string | undefined, value: Json | undefined) {
    this.#text = text;
    this.#value = value;
    this.#isCompact = text === undefined;
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
    if (this.#isCompact) return this;
    const text = compactJson(this.text);
    if (text !== this.text) return new Payload(text, this.#value);
    this.#isCompact = true;
    return this;
  }
}
