/** The one place where a running state can be looked into: how TestState sees what each stage makes of the data. */
import type { JsonObject } from '../data/json.ts';
import type { Payload } from '../data/payload.ts';
import type { Fault } from '../failures/retry.ts';
import type { Handling } from './execution.ts';

/** What a state can report while it runs, by AWS's names. */
export interface Stages {
  readonly afterInputPath: Payload;
  readonly afterParameters: Payload;
  readonly afterArguments: Payload;
  readonly afterItemsPath: Payload;
  readonly afterItemSelector: Payload;
  readonly afterItemsPointer: Payload;
  /** The raw result of the state's work. */
  readonly result: Payload;
  readonly afterResultSelector: Payload;
  readonly afterResultPath: Payload;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
}

/**
 * Looks into a step. A step that must wait for an expression is run again from its start, so all that is reported
 * may be reported again.
 */
export interface Inspection {
  /** The Context Object to show instead of the execution's own. */
  readonly context: JsonObject;
  observe<S extends keyof Stages>(stage: S, data: Stages[S]): void;
  /** What the state's Retry and Catch make of a fault. */
  observeHandling(fault: Fault, handling: Handling): void;
}
