/** The metrics of a process, and what a scraper reads of them. */
import { onTestFinished, vi } from 'vitest';
import { createLogger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import { type ProcessMetrics, startMetrics } from '../../telemetry/metrics/start-metrics.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const LABEL = /(?<key>\w+)="(?<value>(?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus's text format. @throws Error at a line that is none of it */
export function readExposition(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const { name = '', labels = '', value = '' } = LINE.exec(line)?.groups ?? {};
      if (name === '') throw new Error(`Not a sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(({ groups }) => [groups?.key ?? '', groups?.value ?? '']);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

export interface TestMetrics extends Omit<ProcessMetrics, 'close'> {
  readonly metrics: Metrics;
  scrape(): Promise<Sample[]>;
  /** The sum of the samples that have the labels; undefined: there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Resolves as soon as {@link sum} is this: events are measured a moment after they are durable. */
  until(name: string, labels: Readonly<Record<string, string>>, value: number): Promise<void>;
}

/** They end with the test. */
export async function startTestMetrics(env: NodeJS.ProcessEnv = {}): Promise<TestMetrics> {
  const started = await startMetrics({ env, role: 'dev', logger: createLogger('silent') });
  onTestFinished(() => started.close());
  const scrape = async () => readExposition((await started.exposition?.()) ?? '');
  const sum: TestMetrics['sum'] = async (name, labels = {}) => {
    const samples = (await scrape()).filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return samples.length === 0 ? undefined : samples.reduce((total, { value }) => total + value, 0);
  };
  return {
    ...started,
    scrape,
    sum,
    until: (name, labels, value) =>
      vi.waitFor(
        async () => {
          const found = await sum(name, labels);
          if (found !== value) throw new Error(`${name} is ${found}, not ${value}`);
        },
        { timeout: 20_000, interval: 20 },
      ),
  };
}
