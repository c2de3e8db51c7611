import {
  isArray,
  isLongInteger,
  isNumber,
  isObject,
  type Json,
  member,
  type RawNumber,
  toNumber,
} from '../../data/json.ts';

/**
 * Integers of 64 bits that no double holds: AWS keeps them exact, jsonata knows doubles only. An expression that
 * meets one is evaluated twice: with doubles, which says what the expression does, and with the digits, as objects
 * that jsonata passes on and writes into texts but cannot calculate with. The digits are taken where they are all
 * that the two results differ in.
 */
export class LongIntegers {
  readonly #form: 'doubles' | 'digits';
  #met = false;

  constructor(form: 'doubles' | 'digits') {
    this.#form = form;
  }

  /** There was one in the data. */
  get met(): boolean {
    return this.#met;
  }

  toJsonata(number: RawNumber): number | RawNumber {
    if (!isLongInteger(number.rawJSON)) return toNumber(number);
    this.#met = true;
    return this.#form === 'digits' ? number : toNumber(number);
  }
}

/** Whether two results are the same but for the digits of long integers, in numbers or in texts. */
export function differInDigits(exact: Json, rounded: Json): boolean {
  if (typeof exact === 'string')
    return typeof rounded === 'string' && (exact === rounded || roundedText(exact) === roundedText(rounded));
  if (isNumber(exact)) return isNumber(rounded) && toNumber(exact) === toNumber(rounded);
  if (isArray(exact))
    return (
      isArray(rounded) &&
      exact.length === rounded.length &&
      exact.every((item, i) => differInDigits(item, rounded[i] as Json))
    );
  if (!isObject(exact)) return exact === rounded;
  const keys = Object.keys(exact);
  return (
    isObject(rounded) &&
    keys.length === Object.keys(rounded).length &&
    keys.every((key) => {
      const other = member(rounded, key);
      return other !== undefined && differInDigits(exact[key] as Json, other);
    })
  );
}

/** A text with each long integer in it as JSONata would write its double. */
function roundedText(text: string): string {
  return text.replace(/-?\d+/g, (digits) => (isLongInteger(digits) ? String(Number(digits)) : digits));
}
