import { Budget } from '../budget.ts';
import { Matcher } from './matcher.ts';
import { compileProgram, type Program } from './program.ts';
import { parseRegex } from './syntax.ts';

/** Compiled programs of the regular expressions that definitions hold; entries go when their machine goes. */
const programs = new WeakMap<RegExp, Program>();

/** Instructions that one regular expression may execute on one text. */
const STEPS_MAX = 20_000_000;

/**
 * A drop-in for RegExp (the part that jsonata uses): the same matches, in time linear in the text (lookaheads:
 * within a bound); see docs/decisions/0006-linear-regular-expressions.md. Back-references and lookbehinds are refused.
 * A group inside a repetition keeps what it captured in an earlier round, as in Java, where JavaScript forgets it.
 */
export class LinearRegex {
  /** Where the next {@link exec} starts; set behind the match by it. */
  lastIndex = 0;
  readonly #program: Program;
  #matcher: Matcher | undefined;

  /** @throws SyntaxError when the expression is refused */
  constructor(regex: RegExp) {
    this.#program = programOf(regex);
  }

  /** First match at or after {@link lastIndex}; as RegExp.prototype.exec with the flag `g`. */
  exec(text: string): RegExpExecArray | null {
    if (this.#matcher?.text !== text) this.#matcher = new Matcher(this.#program, text, stepBudget());
    const slots = this.#matcher.search(this.lastIndex);
    if (!slots) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = slots[1] as number;
    return execArray(text, slots);
  }
}

/** True when the whole text matches. @throws SyntaxError when the expression is refused */
export function matchesWhole(regex: RegExp, text: string, budget: Budget): boolean {
  return new Matcher(programOf(regex), text, budget).matchesAll();
}

/** @throws SyntaxError when the expression is not one, or is refused */
export function checkRegex(regex: RegExp): void {
  programOf(regex);
}

function programOf(regex: RegExp): Program {
  let program = programs.get(regex);
  if (!program) {
    program = compileProgram(parseRegex(regex.source), regex.flags);
    programs.set(regex, program);
  }
  return program;
}

function stepBudget(): Budget {
  return new Budget(STEPS_MAX, () => new RangeError('The regular expression takes too many steps'));
}

function execArray(text: string, slots: readonly (number | undefined)[]): RegExpExecArray {
  const groups: (string | undefined)[] = [];
  for (let slot = 0; slot < slots.length; slot += 2) {
    const [start, end] = [slots[slot], slots[slot + 1]];
    groups.push(start === undefined || end === undefined ? undefined : text.slice(start, end));
  }
  return Object.assign(groups as string[], { index: slots[0] as number, input: text }) as RegExpExecArray;
}
