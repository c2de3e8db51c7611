/**
 * Every instrument there is: all code that measures names one of these, and docs/metrics.md, the dashboard and the
 * alerts are held against them. Names and units are OpenTelemetry's way (UCUM); `aws` is the metric of AWS/States that
 * an instrument stands for.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
import { AWS_INSTRUMENTS } from './aws-instruments.ts';
import { INSTALLATION_INSTRUMENTS } from './installation-instruments.ts';
import type { Instrument } from './instrument.ts';
import { NODE_INSTRUMENTS } from './node-instruments.ts';
import { PROCESS_INSTRUMENTS } from './process-instruments.ts';

export const CATALOGUE = {
  ...AWS_INSTRUMENTS,
  ...PROCESS_INSTRUMENTS,
  ...INSTALLATION_INSTRUMENTS,
  ...NODE_INSTRUMENTS,
} as const satisfies Readonly<Record<string, Instrument>>;

type Catalogue = typeof CATALOGUE;
type NamesOf<Kind extends Instrument['kind']> = {
  [Name in keyof Catalogue]: Catalogue[Name]['kind'] extends Kind ? Name : never;
}[keyof Catalogue];

export type InstrumentName = keyof Catalogue;
export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type ObservedName = NamesOf<'observedCounter' | 'observedUpDownCounter' | 'observedGauge'>;

/** The attributes of an instrument's measurements, and no others. */
export type AttributesOf<Name extends InstrumentName> = Readonly<
  Partial<Record<Catalogue[Name]['attributes'][number], string>>
>;
