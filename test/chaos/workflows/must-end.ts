/** How an execution has to end, and nothing else will do. */
export type MustEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  /** Of several failures that race, each may win. */
  | { readonly status: 'FAILED'; readonly errors: readonly string[] }
  | { readonly status: 'TIMED_OUT' };
