/**
 * The one form of a request that those who sign it and those who verify it both arrive at. Texts are byte strings, one
 * character a byte, as they go over the wire.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
export interface WireRequest {
  readonly method: string;
  /** As it is sent: percent-encoded already, once. */
  readonly path: string;
  readonly query: readonly QueryParameter[];
  readonly headers: HeaderValues;
}
export type QueryParameter = readonly [name: string, value: string];
/** By name in lower case. */
export type HeaderValues = ReadonlyMap<string, string>;

/**
 * @param signedHeaders in lower case; one that the request does not have gets no line, which no signature fits
 * @param payloadHash of the body: SHA-256, hex
 */
export function canonicalRequest(
  { method, path, query, headers }: WireRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const names = signedHeaders.toSorted();
  let lines = '';
  for (const name of names) {
    const value = headers.get(name);
    if (value !== undefined) lines += `${name}:${value}\n`;
  }
  return `${method}\n${canonicalPath(path)}\n${canonicalQuery(query)}\n${lines}\n${names.join(';')}\n${payloadHash}`;
}

/**
 * Of a header that is sent more than once, all values count, in the order in which they came.
 * @param sent each name followed by its value
 */
export function headerValues(sent: readonly string[]): HeaderValues {
  const values = new Map<string, string>();
  for (let i = 0; i + 1 < sent.length; i += 2) {
    const name = (sent[i] ?? '').toLowerCase();
    const value = trimmed(sent[i + 1] ?? '');
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values;
}

/** Almost all values are as they are to be. */
function trimmed(value: string): string {
  if (!/^ | $| {2}|\t/.test(value)) return value;
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');
}

/** Decoded as servers read a query: a plus is a space, and what is not encoded well stands for itself. */
export function queryParameters(query: string): QueryParameter[] {
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const [name, value] = splitOnce(parameter, '=');
      return [decode(name), decode(value)];
    });
}

/** The second is empty where the separator is missing. */
export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Every service but S3 has the path normalised, and encoded once more than it is sent. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.map(encode).join('/')}${end}`;
}

/** By name, then by value; names are compared by themselves: `a` comes before `a-b`. */
function canonicalQuery(query: readonly QueryParameter[]): string {
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%[0-9a-f]{2}/gi, (encoded) => String.fromCharCode(Number.parseInt(encoded.slice(1), 16)));
}

/** RFC 3986: all but the unreserved characters. */
function encode(bytes: string): string {
  return bytes.replace(
    /[^A-Za-z0-9\-._~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
