/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export interface Limits {
  /** The event with this id is the last an execution can have. */
  readonly maxHistoryEvents: number;
  /** Of an input, a result or an output, in bytes of UTF-8. */
  readonly maxPayloadBytes: number;
  /** Events after which a run of pure states is cut, so that a tight loop cannot hold a worker. */
  readonly maxEventsPerTransition: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxHistoryEvents: 25_000,
  maxPayloadBytes: 262_144,
  maxEventsPerTransition: 200,
};
