import type { BenchServer } from './server.ts';

/** How much work a run does; `--quick` does less of it. */
export interface Size {
  /** Executions that are started before the worker is, and then drained. */
  readonly preloaded: number;
  /** Executions that are run one at a time, for latency. */
  readonly oneAtATime: number;
  /** Timers that are due in one run, spread as 100,000 are over a minute. */
  readonly timers: number;
  /** How long one run of a scenario without a server takes. */
  readonly inMemorySeconds: number;
  /** How long one run puts a process under load. */
  readonly loadSeconds: number;
  readonly runs: number;
}

/** What one run has measured, by the metric's name. */
export type Measured = Readonly<Record<string, number>>;

/** One thing that is measured, in a file of its own. */
export interface Scenario {
  readonly name: string;
  /** Runs, at most, of one that takes minutes. */
  readonly runsMax?: number;
  /** One run. @throws Error when what is measured did not go well */
  run(server: BenchServer, size: Size): Promise<Measured>;
}

/** Another engine that does the work of a scenario. */
export interface Peer {
  /** What it is called in the report. */
  readonly name: string;
  readonly scenario: string;
  /** The metrics that it is compared by. */
  readonly compared: readonly ComparedMetric[];
  /** One run. */
  run(server: BenchServer, size: Size): Promise<Measured>;
}

export interface ComparedMetric {
  readonly metric: string;
  /** more: the ratio is ours by theirs; less: theirs by ours. */
  readonly better: 'more' | 'less';
  /** The ratio is called by it, and by the peer's name. */
  readonly ratio: string;
}
