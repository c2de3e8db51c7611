/** The catalogue as a scraper sees it, and as docs/metrics.md tells it. */

import { createLogger } from '../../telemetry/log.ts';
import {
  CATALOGUE,
  type CounterName,
  type HistogramName,
  type InstrumentName,
  type ObservedName,
} from '../../telemetry/metrics/catalogue.ts';
import { ATTRIBUTES, type Instrument } from '../../telemetry/metrics/instrument.ts';
import { startMetrics } from '../../telemetry/metrics/start-metrics.ts';

const logger = createLogger('silent');

export const INSTRUMENTS = Object.entries(CATALOGUE) as [InstrumentName, Instrument][];

/** A process that has measured everything once, with all attributes: what its `/metrics` serves. */
export async function exposeEverything(): Promise<string> {
  const { metrics, exposition, close } = await startMetrics({ env: {}, role: 'dev', logger });
  const observed: [ObservedName, object][] = [];
  for (const [name, { kind, attributes }] of INSTRUMENTS) {
    const labels = Object.fromEntries(attributes.map((attribute) => [attribute, 'x']));
    if (kind === 'counter') metrics.add(name as CounterName, 1, labels);
    else if (kind === 'histogram') metrics.record(name as HistogramName, 1, labels);
    else observed.push([name as ObservedName, labels]);
  }
  metrics.observe(
    observed.map(([name]) => name),
    (observe) => {
      for (const [name, labels] of observed) observe(name, 1, labels);
    },
  );
  const text = await exposition?.();
  await close();
  return text ?? '';
}

/** Prometheus's name of each instrument; a histogram's without its endings. */
export async function prometheusNames(): Promise<ReadonlyMap<InstrumentName, string>> {
  const names = [...(await exposeEverything()).matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1] ?? '');
  return new Map(INSTRUMENTS.map(([name], index) => [name, names[index + 1] ?? ''])); // the first is target_info
}

/** The tables of docs/metrics.md. */
export async function metricsTables(): Promise<Readonly<Record<string, string>>> {
  const names = await prometheusNames();
  const prometheus = (name: InstrumentName, kind: Instrument['kind']) =>
    `${names.get(name)}${kind === 'histogram' ? '_bucket' : ''}`;
  const rows = INSTRUMENTS.map(([name, { kind, unit, description, attributes }]) => [
    `\`${name}\``,
    `\`${prometheus(name, kind)}\``,
    KINDS[kind],
    unit,
    attributes.map((attribute) => `\`${attribute}\``).join(' '),
    description,
  ]);
  const aws = INSTRUMENTS.flatMap(([name, instrument]) =>
    (instrument.aws ?? []).map((metric) => [
      `\`${metric}\``,
      `\`${names.get(name)}${instrument.kind === 'histogram' ? (metric.endsWith('Time') ? '_bucket' : '_count') : ''}${kindOf(metric)}\``,
    ]),
  );
  return {
    instruments: table(['metric', 'for Prometheus', 'kind', 'unit', 'attributes', 'what it is'], rows),
    attributes: table(
      ['attribute', 'what it says'],
      Object.entries(ATTRIBUTES).map(([name, what]) => [`\`${name}\``, what]),
    ),
    aws: table(['AWS/States', 'here'], aws),
  };
}

const KINDS: Readonly<Record<Instrument['kind'], string>> = {
  counter: 'counter',
  histogram: 'histogram',
  observedCounter: 'counter',
  observedUpDownCounter: 'up-down counter',
  observedGauge: 'gauge',
};

/** AWS has a metric for each kind of task. */
function kindOf(awsMetric: string): string {
  const kind = /^(LambdaFunction|ServiceIntegration|Activit)/.exec(awsMetric)?.[1];
  if (kind === undefined) return '';
  const name = { LambdaFunction: 'lambda', ServiceIntegration: 'service', Activit: 'activity' }[kind];
  return `{statehouse_task_kind="${name}"}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
