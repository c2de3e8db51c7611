import { Budget } from '../budget.ts';

/**
 * AWS's own limit as measured: `[1..873782]` passes, one more does not. Counted in nodes; twelve characters of a
 * text weigh as much as a number.
 */
const SIZE_MAX = 873_783;
const CHARACTERS_PER_NODE = 12;

/** What one evaluation may cost; see {@link Budget} for the unit. A step of jsonata's evaluator takes about 0.5 µs. */
const BUDGET = 50_000_000;
const STEP_COST = 50;
const NODE_COST = 5;
/** jsonata's merge sort holds on to a copy of the rest of the list for each comparison. */
const SORT_COST = 500;

/** Smaller values are measured anew each time: that costs less than remembering them. */
const REMEMBERED_SIZE = 32;

/** A limit of the evaluation itself; AWS words these without a code. */
export class EvaluationLimit {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function memoryLimit(): EvaluationLimit {
  return new EvaluationLimit('Expression evaluation memory limit exceeded: Check for excessive memory usage');
}

export function stackLimit(): EvaluationLimit {
  return new EvaluationLimit(
    'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.',
  );
}

/**
 * Measures one evaluation: its steps and the sizes of its values, which jsonata's own guardrails do not see
 * (docs/decisions/0007-work-is-counted.md). Sizes count shared parts as often as they occur: a value of twenty nodes
 * that are nested and shared can be a million nodes long when it is written out or compared.
 */
export class Meter {
  readonly #budget = new Budget(
    BUDGET,
    () => new EvaluationLimit('Expression evaluation timeout: Check for infinite loop'),
  );
  readonly #sizes = new WeakMap<object, number>();

  /** Counts one step of the evaluator and what it made. @throws EvaluationLimit */
  step(result: unknown): void {
    this.#budget.spend(STEP_COST);
    this.sizeOf(result);
  }

  /** Counts a call of one of jsonata's functions. @throws EvaluationLimit */
  call(operands: readonly unknown[]): void {
    this.#budget.spend(STEP_COST);
    for (const operand of operands) this.traverse(operand);
  }

  /** Counts work that grows with the size of a value. @throws EvaluationLimit */
  traverse(value: unknown): void {
    this.#budget.spend(this.sizeOf(value));
  }

  /** Counts one operand of a comparison in an order-by. @throws EvaluationLimit */
  sort(): void {
    this.#budget.spend(SORT_COST);
  }

  /** Nodes of a value. @throws EvaluationLimit when it is too large */
  sizeOf(value: unknown): number {
    if (typeof value === 'string') return checked(1 + value.length / CHARACTERS_PER_NODE);
    if (typeof value !== 'object' || value === null || isJsonataFunction(value)) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    const children = Array.isArray(value) ? value : Object.values(value);
    this.#budget.spend(NODE_COST * (1 + children.length));
    let size = 1;
    for (const child of children) size = checked(size + this.sizeOf(child));
    if (size >= REMEMBERED_SIZE) this.#sizes.set(value, size);
    return size;
  }
}

/** A function of jsonata's or of the expression's: its innards are not data. */
export function isJsonataFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    ('_jsonata_lambda' in value || '_jsonata_function' in value)
  );
}

function checked(size: number): number {
  if (size > SIZE_MAX) throw memoryLimit();
  return size;
}
