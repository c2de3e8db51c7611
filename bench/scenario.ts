import type { BenchServer } from './server.ts';

/** How much work a scenario does; `--quick` does less of it. */
export interface Size {
  /** Executions that are started before the worker is, and then drained. */
  readonly preloaded: number;
  /** Executions that are run one at a time, for latency. */
  readonly oneAtATime: number;
  readonly runs: number;
}

/** One thing that is measured, in a file of its own. */
export interface Scenario {
  readonly name: string;
  /** One run; what it measures by the metric's name. */
  run(server: BenchServer, size: Size): Promise<Record<string, number>>;
}
