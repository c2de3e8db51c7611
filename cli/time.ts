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
