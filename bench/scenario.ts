import type { BenchServer } from './server.ts';

/** How much work a scenario does; `--quick` does less of it. */
export interface Size {
  /** Executions that are started before the worker is, and then drained. */
  readonly preloaded: number;
  /** Executions that are run one at a time, for latency. */
  readonly oneAtATime: number;
  /** How long one run of a scenario without a server takes. */
  readonly inMemorySeconds: number;
  /** How long one run puts a process under load. */
  readonly loadSeconds: number;
  readonly runs: number;
}

/** One thing that is measured, in a file of its own. */
export interface Scenario {
  readonly name: string;
  /** One run; what it measures by the metric's name. */
  run(server: BenchServer, size: Size): Promise<Record<string, number>>;
}

/** Another engine that does the work of a scenario. */
export interface Peer {
  /** Its npm package. */
  readonly name: string;
  /** The scenario and the metric that it is compared by. */
  readonly scenario: string;
  readonly metric: string;
  /** One run. Answers its value of the metric. */
  run(size: Size): Promise<number>;
}
