/** What a request says about its signature, in the Authorization header or in the query of a presigned URL. */
import { createHash } from 'node:crypto';
import {
  type HeaderValues,
  type QueryParameter,
  splitOnce,
} from '../../integrations/aws/canonical-request.ts';
import { awsTimestamp } from '../../integrations/aws/signature.ts';
import { awsError } from '../errors.ts';
import type { ReceivedRequest } from './received-request.ts';

/** Complete, and not looked at yet. */
export interface Claim {
  readonly algorithm: string;
  /** `keyid/date/region/service/term` */
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** When it was signed: `20150830T123600Z`, and in ms since 1970. */
  readonly timestamp: string;
  readonly time: number;
  /** The part of the query that is signed. */
  readonly query: readonly QueryParameter[];
  /** Of a presigned request that says so: seconds that it is good for. */
  readonly expires: string | undefined;
}

/** @throws AwsError MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException */
export function readClaim({ headers, query }: ReceivedRequest): Claim {
  const authorization = headers.get('authorization');
  const isPresigned = query.some(([name]) => name === 'X-Amz-Algorithm');
  if (authorization !== undefined && isPresigned)
    throw awsError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  if (isPresigned) return readQuery(query);
  if (authorization?.startsWith('AWS4-')) return { ...readHeader(authorization, headers), query };
  throw awsError('MissingAuthenticationTokenException');
}

function readQuery(sent: readonly QueryParameter[]): Claim {
  const parameters = new Map(sent);
  const missing: string[] = [];
  const take = (name: string): string => {
    const value = parameters.get(name) ?? '';
    if (value === '') missing.push(`AWS query-string parameters must include '${name}'. `);
    return value;
  };
  const algorithm = take('X-Amz-Algorithm');
  const credential = take('X-Amz-Credential');
  const signature = take('X-Amz-Signature');
  const signedHeaders = headerNames(take('X-Amz-SignedHeaders'));
  const signedAt = take('X-Amz-Date');
  if (missing.length > 0)
    throw awsError(
      'IncompleteSignatureException',
      `${missing.join('')}Re-examine the query-string parameters.`,
    );
  const expires = parameters.get('X-Amz-Expires');
  const query = sent.filter(([name]) => name !== 'X-Amz-Signature');
  return { algorithm, credential, signature, signedHeaders, ...readTime(signedAt), query, expires };
}

function readHeader(authorization: string, headers: HeaderValues): Omit<Claim, 'query'> {
  const [algorithm, rest] = splitOnce(authorization, ' ');
  const parameters = headerParameters(rest, authorization);
  const missing: string[] = [];
  const take = (name: string): string => {
    const value = parameters.get(name) ?? '';
    if (value === '') missing.push(`Authorization header requires '${name}' parameter. `);
    return value;
  };
  const credential = take('Credential');
  const signature = take('Signature');
  const signedHeaders = headerNames(take('SignedHeaders'));
  const signedAt = headers.get('x-amz-date') ?? headers.get('date');
  if (signedAt === undefined)
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  if (signedAt === undefined || missing.length > 0)
    throw awsError(
      'IncompleteSignatureException',
      `${missing.join('')}(Hashed with SHA-256 and encoded with Base64) Authorization=${digest(authorization)}`,
    );
  return { algorithm, credential, signature, signedHeaders, ...readTime(signedAt), expires: undefined };
}

function headerParameters(text: string, authorization: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(/[ ,]+/)) {
    if (part === '') continue;
    if (!part.includes('='))
      throw awsError(
        'IncompleteSignatureException',
        `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${digest(authorization)}'.`,
      );
    parameters.set(...splitOnce(part, '='));
  }
  return parameters;
}

/** As AWS shows a header that may hold secrets. */
function digest(authorization: string): string {
  return createHash('sha256').update(authorization).digest('base64');
}

function headerNames(text: string): string[] {
  return text.toLowerCase().split(';');
}

const BASIC_FORMAT = /^\d{8}T\d{6}Z$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** @throws AwsError IncompleteSignatureException */
function readTime(text: string): Pick<Claim, 'timestamp' | 'time'> {
  if (BASIC_FORMAT.test(text)) {
    const time = Date.parse(extended(text));
    if (!Number.isNaN(time)) return { timestamp: text, time };
  } else if (HTTP_DATE.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return { timestamp: awsTimestamp(time), time };
  }
  throw awsError(
    'IncompleteSignatureException',
    `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

/** `20150830T123600Z` as `2015-08-30T12:36:00Z`. Cut by hand: a replacement by pattern takes four times as long. */
function extended(basic: string): string {
  const date = `${basic.slice(0, 4)}-${basic.slice(4, 6)}-${basic.slice(6, 8)}`;
  return `${date}T${basic.slice(9, 11)}:${basic.slice(11, 13)}:${basic.slice(13)}`;
}
