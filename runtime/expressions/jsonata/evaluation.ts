import type { Environment } from '../environment.ts';
import type { Random } from '../random.ts';
import type { LongIntegers } from './long-integers.ts';
import { Meter } from './meter.ts';

/** One evaluation under way. Compiled expressions are shared, so what belongs to one evaluation is kept here. */
export interface Evaluation {
  readonly environment: Environment;
  readonly random: Random;
  readonly longs: LongIntegers;
  readonly meter: Meter;
}

/** jsonata's own environment, as its hooks and functions get it. */
export interface JsonataFrame {
  lookup(name: string | symbol): unknown;
  /** The outermost frame of this evaluation, where its variables are. */
  readonly base: JsonataFrame;
}

/** The variable that holds the evaluation. No expression can name it: names of variables have no blanks. */
export const EVALUATION = ' evaluation';

export function startEvaluation(environment: Environment, random: Random, longs: LongIntegers): Evaluation {
  return { environment, random, longs, meter: new Meter() };
}

export function evaluationOf(frame: JsonataFrame): Evaluation {
  return frame.base.lookup(EVALUATION) as Evaluation;
}
