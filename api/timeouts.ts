/** How long the server waits for its clients, in ms. */
export interface Timeouts {
  /** For a request's headers, from the connection's opening or the last answer's end. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** For a client to take in another part of its answer. */
  readonly answerMs: number;
  /** For the next request on a connection. */
  readonly keepAliveMs: number;
  /** For requests in flight when the server closes. */
  readonly closeGraceMs: number;
}

export const TIMEOUTS: Timeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  // Longer than the 60 s after which load balancers drop idle connections, so that they close first.
  keepAliveMs: 65_000,
  closeGraceMs: 10_000,
};
