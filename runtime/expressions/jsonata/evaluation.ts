import type { Environment } from '../environment.ts';
import { Meter } from './meter.ts';

/** One evaluation under way. Compiled expressions are shared, so what belongs to one evaluation is kept here. */
export interface Evaluation {
  readonly environment: Environment;
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

export function startEvaluation(environment: Environment): Evaluation {
  return { environment, meter: new Meter() };
}

export function evaluationOf(frame: JsonataFrame): Evaluation {
  return frame.base.lookup(EVALUATION) as Evaluation;
}
