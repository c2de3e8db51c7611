/**
 * Failures of a state: data that Retry and Catch match on, never JavaScript errors of ours.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

/** What AWS shows as `error` and `cause`; either may be missing (a Fail state without them). */
export interface Failure {
  readonly error?: string;
  readonly cause?: string;
}

/** The error names that the interpreter itself reports. */
export const States = {
  ALL: 'States.ALL',
  BranchFailed: 'States.BranchFailed',
  DataLimitExceeded: 'States.DataLimitExceeded',
  ExceedToleratedFailureThreshold: 'States.ExceedToleratedFailureThreshold',
  HeartbeatTimeout: 'States.HeartbeatTimeout',
  ItemReaderFailed: 'States.ItemReaderFailed',
  NoChoiceMatched: 'States.NoChoiceMatched',
  Permissions: 'States.Permissions',
  QueryEvaluationError: 'States.QueryEvaluationError',
  ResultWriterFailed: 'States.ResultWriterFailed',
  Runtime: 'States.Runtime',
  TaskFailed: 'States.TaskFailed',
  Timeout: 'States.Timeout',
} as const;

/**
 * How evaluation deep inside a state says that the state fails. It is caught in one place, the step that
 * runs the state, and is a plain value from there on. It carries no stack: it is an outcome, not a bug.
 */
export class StateFailure {
  readonly error: string;
  /** The text after AWS's prefix "An error occurred while executing the state …", which the step adds. */
  readonly cause: string | undefined;
  /** For States.QueryEvaluationError: the field at fault, e.g. `Output/total`. */
  readonly location: string | undefined;

  constructor(error: string, cause?: string, location?: string) {
    this.error = error;
    this.cause = cause;
    this.location = location;
  }
}

/** A States.Runtime failure: bad paths and the like. Neither Retry nor Catch can handle it. */
export function runtimeFailure(cause: string): StateFailure {
  return new StateFailure(States.Runtime, cause);
}
