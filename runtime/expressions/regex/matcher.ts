import type { Budget } from '../budget.ts';
import type { Instruction, Program } from './program.ts';

type Slots = (number | undefined)[];

/** Where to go on when the path under way fails: an instruction at a position, or a slot to put back. */
type Alternative =
  | { readonly pc: number; readonly at: number }
  | { readonly slot: number; readonly was: number | undefined };

/**
 * Runs a program over one text by backtracking with a memory: a split that was tried at a position is never
 * tried there again, for it failed (had it succeeded, the search would be over). That bounds the work by
 * splits × positions.
 */
export class Matcher {
  readonly text: string;
  readonly #program: Program;
  readonly #budget: Budget;
  /** Splits that failed, one bit per position and split. */
  readonly #tried: Uint8Array;

  constructor(program: Program, text: string, budget: Budget) {
    this.text = text;
    this.#program = program;
    this.#budget = budget;
    const bits = program.splits * (text.length + 1);
    budget.spend(bits / 64);
    this.#tried = new Uint8Array(Math.ceil(bits / 8));
  }

  /** Slots of the first match that starts at `from` or later. */
  search(from: number): Slots | undefined {
    for (let start = from; start <= this.text.length; start++) {
      const slots = this.#run(0, start, this.#tried, false);
      if (!slots) continue;
      this.#forget(slots[1] as number);
      return slots;
    }
    return undefined;
  }

  /** True when some way to match takes the whole text. */
  matchesAll(): boolean {
    return this.#run(0, 0, this.#tried, true) !== undefined;
  }

  /** The splits of a match have been tried at its end without having failed there. */
  #forget(position: number): void {
    const { splits } = this.#program;
    for (let bit = position * splits; bit < (position + 1) * splits; bit++) {
      this.#tried[bit >> 3] = (this.#tried[bit >> 3] as number) & ~(1 << (bit & 7));
    }
  }

  #run(startPc: number, startAt: number, tried: Uint8Array, whole: boolean): Slots | undefined {
    const { instructions, splits } = this.#program;
    const slots: Slots = new Array(this.#program.slots);
    const alternatives: Alternative[] = [];
    let pc = startPc;
    let at = startAt;
    for (;;) {
      this.#budget.spend(1);
      const instruction = instructions[pc] as Instruction;
      let proceeds = true;
      switch (instruction.op) {
        case 'unit':
          proceeds = at < this.text.length && instruction.matches(this.text.charCodeAt(at));
          at++;
          pc++;
          break;
        case 'split': {
          const bit = at * splits + instruction.id;
          const seen = tried[bit >> 3] as number;
          proceeds = (seen & (1 << (bit & 7))) === 0;
          tried[bit >> 3] = seen | (1 << (bit & 7));
          if (proceeds) alternatives.push({ pc: instruction.second, at });
          pc = instruction.first;
          break;
        }
        case 'jump':
          pc = instruction.to;
          break;
        case 'save':
          alternatives.push({ slot: instruction.slot, was: slots[instruction.slot] });
          slots[instruction.slot] = at;
          pc++;
          break;
        case 'assertion':
          proceeds = this.#holds(instruction.source, at);
          pc++;
          break;
        case 'lookahead': {
          // Its own memory: inside, a split that succeeded at this position may be needed again from another.
          const found = this.#run(pc + 1, at, this.#fresh(), false);
          proceeds = (found !== undefined) !== instruction.negative;
          if (found) this.#adopt(found, slots, alternatives);
          pc = instruction.after;
          break;
        }
        case 'accept':
          if (!whole || at === this.text.length) return slots;
          proceeds = false;
      }
      if (proceeds) continue;
      const next = this.#backtrack(alternatives, slots);
      if (!next) return undefined;
      ({ pc, at } = next);
    }
  }

  /** Takes over the groups that a lookahead has captured. */
  #adopt(captured: Slots, slots: Slots, alternatives: Alternative[]): void {
    for (const [slot, position] of captured.entries()) {
      if (position === undefined) continue;
      alternatives.push({ slot, was: slots[slot] });
      slots[slot] = position;
    }
  }

  #backtrack(alternatives: Alternative[], slots: Slots): { pc: number; at: number } | undefined {
    for (let last = alternatives.pop(); last; last = alternatives.pop()) {
      if ('pc' in last) return last;
      slots[last.slot] = last.was;
    }
    return undefined;
  }

  #fresh(): Uint8Array {
    this.#budget.spend(this.#tried.length / 8);
    return new Uint8Array(this.#tried.length);
  }

  #holds(assertion: '^' | '$' | '\\b' | '\\B', at: number): boolean {
    const { text } = this;
    if (assertion === '^') return at === 0 || (this.#program.multiline && isLineEnd(text[at - 1]));
    if (assertion === '$') return at === text.length || (this.#program.multiline && isLineEnd(text[at]));
    return (isWord(text[at - 1]) !== isWord(text[at])) === (assertion === '\\b');
  }
}

function isLineEnd(character: string | undefined): boolean {
  return character !== undefined && /[\n\r\u2028\u2029]/.test(character);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}
