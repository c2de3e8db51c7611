/** How long Postgres may take, in ms. */
export interface StoreTimeouts {
  /** Until there is a connection: a new one, or one of the pool that others give back. */
  readonly connectMs: number;
  /** Statements here take milliseconds. One that waits for so long stands in others' way as well. */
  readonly statementMs: number;
  /** A session that stops in the middle of a transaction must not keep its row locks for long. */
  readonly idleInTransactionMs: number;
  /** A connection over which nothing comes is given up. Longer than a statement may take, which Postgres itself ends. */
  readonly silenceMs: number;
  /** As silenceMs, from the store's close on: the process is to end. */
  readonly closeMs: number;
  /** A database that says nothing for so long is not ready. Kubernetes waits for probes for a second. */
  readonly readinessMs: number;
  /** A call that fails for a moment is made again for so long: enough for Postgres to restart. */
  readonly retryMs: number;
}

export const STORE_TIMEOUTS: StoreTimeouts = {
  connectMs: 10_000,
  statementMs: 30_000,
  idleInTransactionMs: 10_000,
  silenceMs: 40_000,
  closeMs: 5000,
  readinessMs: 900,
  retryMs: 30_000,
};
