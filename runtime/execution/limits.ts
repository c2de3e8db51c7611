/**
 * What an execution may use. It is fixed when the execution starts, so that its journal means the same to every
 * worker, whatever becomes of its state machine meanwhile.
 */
export interface ExecutionLimits {
  /** The event with this id is the last an execution can have. */
  readonly maxHistoryEvents: number;
  /** Of an input, a result or an output, in bytes of UTF-8. */
  readonly maxPayloadBytes: number;
}

/** What one transition may do: a driver's own matter. */
export interface TransitionLimits {
  /** Events after which a run of pure states is cut, so that a tight loop cannot hold a worker. */
  readonly maxEventsPerTransition: number;
}

/**
 * AWS's, for every execution that says nothing else: journals leave them out, so they can never change.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const PORTABLE_LIMITS: ExecutionLimits = {
  maxHistoryEvents: 25_000,
  maxPayloadBytes: 262_144,
};

export const DEFAULT_LIMITS: ExecutionLimits & TransitionLimits = {
  ...PORTABLE_LIMITS,
  maxEventsPerTransition: 200,
};
