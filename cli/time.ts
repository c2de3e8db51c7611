/** Times for people. Dates of the AWS API are seconds since 1970. */

/** `2026-05-04 13:37:00.123Z` */
export function dateTime(epochSeconds: number): string {
  return new Date(Math.round(epochSeconds * 1000)).toISOString().replace('T', ' ');
}

/** `12 ms`, `3.4 s`, `2 min 5 s` */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time (ms since 1970) in the past, as people write it: `10m` ago, or ISO 8601. Undefined: it is none.
 * @param now ms since 1970
 */
export function readTime(text: string, now: number): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
