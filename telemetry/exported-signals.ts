/** Which signals are exported by OpenTelemetry's SDK: none, unless its own variables ask for it. */

export type Signal = 'TRACES' | 'METRICS' | 'LOGS';

/**
 * Whether the environment names an exporter for the signal, or an address to export it to. The SDK's own default, a
 * collector on this host, is not enough: a process that was not asked to makes no calls.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function isExported(env: NodeJS.ProcessEnv, signal: Signal): boolean {
  if (isRefused(env, signal)) return false;
  if (exportersOf(env, signal).length > 0) return true;
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return (endpoint ?? '').trim() !== '';
}

/** Whether the environment says that there shall be nothing of the signal. */
export function isRefused(env: NodeJS.ProcessEnv, signal: Signal): boolean {
  return env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || exportersOf(env, signal).includes('none');
}

/** The exporters that the environment names. */
export function exportersOf(env: NodeJS.ProcessEnv, signal: Signal): string[] {
  return (env[`OTEL_${signal}_EXPORTER`] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
