/**
 * Timestamps as AWS takes them: RFC 3339 with an upper-case `T`, `Z` or an offset, and at most nanoseconds.
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Offsets beyond this are on no clock; java.time, which AWS parses with, refuses them too. */
const OFFSET_HOURS_MAX = 18;

/** The instant in ms since 1970, cut to whole ms; undefined when the text is no timestamp. */
export function parseTimestamp(text: string): number | undefined {
  const nanoseconds = parseInstant(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n);
}

/** The instant in ns since 1970, for comparisons; undefined when the text is no timestamp. */
export function parseInstant(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const part = (group: number): number => Number(match[group] ?? 0);
  const local = utcTime(part(1), part(2), part(3), part(4), part(5), part(6));
  const offset = offsetMinutes(match[8], part(9), part(10));
  if (local === undefined || offset === undefined) return undefined;
  const fraction = BigInt((match[7] ?? '').padEnd(9, '0'));
  return BigInt(local - offset * 60_000) * 1_000_000n + fraction;
}

/** @returns ms since 1970; undefined when the calendar has no such day, or the clock no such time */
function utcTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999; setUTCFullYear does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.setUTCHours(hour, minute, second);
}

function offsetMinutes(sign: string | undefined, hours: number, minutes: number): number | undefined {
  if (minutes > 59 || hours * 60 + minutes > OFFSET_HOURS_MAX * 60) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}
