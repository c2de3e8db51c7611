import type { RegexNode, RegexSyntax } from './syntax.ts';

/** Programs longer than this are refused: `(a{100}){100}` is written out 10,000 times. */
const INSTRUCTIONS_MAX = 2000;

/** A regular expression as instructions of a small machine (see matcher.ts). */
export type Instruction =
  | { readonly op: 'unit'; readonly matches: (unit: number) => boolean }
  /** Go on at `first`; when that fails, at `second`. `id` numbers the splits. */
  | { readonly op: 'split'; readonly id: number; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  /** Remember the position: slot 2g is the start of group g, 2g + 1 its end. */
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assertion'; readonly source: '^' | '$' | '\\b' | '\\B' }
  /** `body` runs from the next instruction to its own `accept`; then go on at `after`. */
  | { readonly op: 'lookahead'; readonly negative: boolean; after: number }
  | { readonly op: 'accept' };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly splits: number;
  readonly slots: number;
  readonly multiline: boolean;
}

/** @throws SyntaxError when the expression is too large */
export function compileProgram(syntax: RegexSyntax, flags: string): Program {
  const assembler = new Assembler(flags.replace(/[gy]/g, ''));
  assembler.emit({ op: 'save', slot: 0 });
  assembler.node(syntax.root);
  assembler.emit({ op: 'save', slot: 1 });
  assembler.emit({ op: 'accept' });
  return {
    instructions: assembler.instructions,
    splits: assembler.splits,
    slots: 2 * (syntax.groups + 1),
    multiline: flags.includes('m'),
  };
}

class Assembler {
  readonly instructions: Instruction[] = [];
  splits = 0;
  readonly #flags: string;
  readonly #matchers = new Map<string, (unit: number) => boolean>();

  constructor(flags: string) {
    this.#flags = flags;
  }

  emit<T extends Instruction>(instruction: T): T {
    if (this.instructions.length >= INSTRUCTIONS_MAX)
      throw new SyntaxError('Regular expression is too large');
    this.instructions.push(instruction);
    return instruction;
  }

  node(node: RegexNode): void {
    switch (node.kind) {
      case 'unit':
        this.emit({ op: 'unit', matches: this.#matcher(node.source) });
        return;
      case 'sequence':
        for (const part of node.nodes) this.node(part);
        return;
      case 'alternatives':
        this.#alternatives(node.nodes);
        return;
      case 'group':
        this.emit({ op: 'save', slot: 2 * node.index });
        this.node(node.body);
        this.emit({ op: 'save', slot: 2 * node.index + 1 });
        return;
      case 'repeat':
        this.#repeat(node);
        return;
      case 'assertion':
        this.emit({ op: 'assertion', source: node.source });
        return;
      case 'lookahead': {
        const lookahead = this.emit({ op: 'lookahead', negative: node.negative, after: 0 });
        this.node(node.body);
        this.emit({ op: 'accept' });
        lookahead.after = this.#here;
      }
    }
  }

  get #here(): number {
    return this.instructions.length;
  }

  #split(): Extract<Instruction, { op: 'split' }> {
    return this.emit({ op: 'split', id: this.splits++, first: this.#here + 1, second: this.#here + 1 });
  }

  #alternatives(nodes: readonly RegexNode[]): void {
    const ends: { to: number }[] = [];
    for (const [i, alternative] of nodes.entries()) {
      const split = i < nodes.length - 1 ? this.#split() : undefined;
      this.node(alternative);
      if (!split) break;
      ends.push(this.emit({ op: 'jump', to: 0 }));
      split.second = this.#here;
    }
    for (const end of ends) end.to = this.#here;
  }

  #repeat({ body, min, max, greedy }: Extract<RegexNode, { kind: 'repeat' }>): void {
    for (let i = 0; i < min; i++) this.node(body);
    if (max === Number.POSITIVE_INFINITY) {
      const start = this.#here;
      const split = this.#split();
      this.node(body);
      this.emit({ op: 'jump', to: start });
      this.#leave(split, greedy);
      return;
    }
    const splits = Array.from({ length: Math.max(0, max - min) }, () => {
      const split = this.#split();
      this.node(body);
      return split;
    });
    for (const split of splits) this.#leave(split, greedy);
  }

  /** Makes a repeat's split leave the loop for here: as its second choice, or as its first when lazy. */
  #leave(split: { first: number; second: number }, greedy: boolean): void {
    if (greedy) split.second = this.#here;
    else split.first = this.#here;
  }

  /** A single unit cannot backtrack, so JavaScript's own engine may judge it. */
  #matcher(source: string): (unit: number) => boolean {
    const known = this.#matchers.get(source);
    if (known) return known;
    const native = new RegExp(`^(?:${source})$`, this.#flags.replace('m', ''));
    const verdicts = new Map<number, boolean>();
    const matches = (unit: number): boolean => {
      let verdict = verdicts.get(unit);
      if (verdict === undefined) {
        verdict = native.test(String.fromCharCode(unit));
        verdicts.set(unit, verdict);
      }
      return verdict;
    };
    this.#matchers.set(source, matches);
    return matches;
  }
}
