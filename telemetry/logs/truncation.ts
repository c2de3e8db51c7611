/** Bytes of the execution data of a record, escaped as JSON: with the rest of it, one event of CloudWatch Logs. */
const EXECUTION_DATA_BYTES_MAX = 248 * 1024;

/** A UTF-16 code unit takes at most this many bytes as JSON: `\u0000`. */
const ESCAPED_UNIT_BYTES_MAX = 6;

const EXECUTION_DATA = ['input', 'output', 'parameters', 'assignedVariables'];
const TRUNCATED = { truncated: true } as const;

type Details = Readonly<Record<string, unknown>>;

/**
 * Cuts off what of the payloads is more than a log may hold, and says so in `inputDetails` and its like.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-payload
 */
export function truncateExecutionData(details: Details): Details {
  const names = EXECUTION_DATA.filter((name) => name in details);
  const units = names.reduce((sum, name) => sum + textUnits(details[name]), 0);
  if (units * ESCAPED_UNIT_BYTES_MAX <= EXECUTION_DATA_BYTES_MAX) return details;
  const budget = { bytes: EXECUTION_DATA_BYTES_MAX };
  const truncated: Record<string, unknown> = { ...details };
  for (const name of names) {
    const { value, isWhole } = cutValue(details[name], budget);
    if (isWhole) continue;
    truncated[name] = value;
    truncated[`${name}Details`] = TRUNCATED;
  }
  return truncated;
}

/** Characters of a text, or of the names and texts of variables. */
export function textUnits(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let units = 0;
  for (const [name, text] of Object.entries(value)) units += name.length + textUnits(text);
  return units;
}

interface Cut {
  readonly value: unknown;
  readonly isWhole: boolean;
}

/** Takes what it leaves from the budget. */
function cutValue(value: unknown, budget: { bytes: number }): Cut {
  if (typeof value === 'string') return cutText(value, budget);
  const kept: [string, unknown][] = [];
  for (const [name, text] of Object.entries(value as Details)) {
    const cutName = cutText(name, budget);
    const cut = cutName.isWhole ? cutText(String(text), budget) : cutName;
    if (cutName.isWhole) kept.push([name, cut.value]);
    if (!cut.isWhole) return { value: Object.fromEntries(kept), isWhole: false };
  }
  return { value, isWhole: true };
}

function cutText(text: string, budget: { bytes: number }): Cut {
  let end = 0;
  for (const character of text) {
    const bytes = escapedBytes(character);
    if (bytes > budget.bytes) return { value: text.slice(0, end), isWhole: false };
    budget.bytes -= bytes;
    end += character.length;
  }
  return { value: text, isWhole: true };
}

/** Of a character within JSON text, in UTF-8. A lone surrogate is written as an escape. */
function escapedBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return '\b\f\n\r\t'.includes(character) ? 2 : 6;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  if (code >= 0xd800 && code < 0xe000) return 6;
  return code < 0x10000 ? 3 : 4;
}
