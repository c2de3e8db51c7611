/** What the scenarios are held to, on two cores. */
export interface Bar {
  readonly scenario: string;
  readonly metric: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const BARS: readonly Bar[] = [
  { scenario: 'pass-10', metric: 'transitionsPerSecond', atLeast: 50_000 },
  { scenario: 'pass-10', metric: 'latencyMsP50', atMost: 5 },
  { scenario: 'task-10', metric: 'latencyMsP50', atMost: 8 },
  { scenario: 'lambda-http-10', metric: 'transitionsPerSecond', atLeast: 10_000 },
  { scenario: 'start-http', metric: 'requestsPerSecond', atLeast: 8000 },
  { scenario: 'idle-steps', metric: 'stepMsP50', atMost: 1 },
  { scenario: 'express-sync', metric: 'executionsPerSecond', atLeast: 8000 },
  { scenario: 'history-25000', metric: 'pageMsP50', atMost: 15 },
  { scenario: 'list-1000000', metric: 'pageMsP50', atMost: 10 },
];

/** By the ratio's name: so many times as well as the peer. */
export const RATIO_BARS: Readonly<Record<string, number>> = { 'task-10/dbos': 20 };

export function barOf(scenario: string, metric: string): Bar | undefined {
  return BARS.find((bar) => bar.scenario === scenario && bar.metric === metric);
}
