/** Which records go where, by the names of their log groups: STATEHOUSE_EXECUTION_LOGS. */

export const LOG_DESTINATIONS = ['postgres', 'cloudwatch', 'otel', 'stdout'] as const;
export type LogDestinationName = (typeof LOG_DESTINATIONS)[number];

export interface LogRoute {
  /** Of a log group's name; `*` stands for any characters. */
  readonly pattern: string;
  readonly destinations: readonly LogDestinationName[];
}

/**
 * @param text rules such as `/payments/*=cloudwatch+otel,stdout`, with commas between them; one without a pattern is for
 *   every log group
 * @throws Error saying which rule is wrong
 */
export function readLogRoutes(text: string): LogRoute[] {
  return text
    .split(',')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '')
    .map(readRule);
}

function readRule(rule: string): LogRoute {
  const at = rule.indexOf('=');
  const pattern = at < 0 ? '*' : rule.slice(0, at).trim();
  if (pattern === '') throw new Error(`no name of a log group before the = of "${rule}"`);
  return { pattern, destinations: readDestinations(rule.slice(at + 1), rule) };
}

function readDestinations(text: string, rule: string): LogDestinationName[] {
  const names = text.split('+').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'none') return [];
  const known = LOG_DESTINATIONS.filter((name) => names.includes(name));
  if (known.length < names.length)
    throw new Error(
      `expected none, or ${LOG_DESTINATIONS.join(', ')} (several with + between them) in "${rule}"`,
    );
  return known;
}

/** The first that fits; undefined: none does. */
export function routeOf<R extends Pick<LogRoute, 'pattern'>>(
  routes: readonly R[],
  logGroup: string,
): R | undefined {
  return routes.find(({ pattern }) => fits(pattern, logGroup));
}

/** Takes each part where it comes first, so the time is bounded whatever the pattern. */
function fits(pattern: string, name: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  const end = parts.pop();
  if (end === undefined) return name === pattern;
  if (!name.startsWith(start)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}
