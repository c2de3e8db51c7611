/**
 * Signature Version 4: what a signature is, and how requests to AWS services get theirs.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { canonicalRequest, headerValues, queryParameters } from './canonical-request.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SigningScope {
  readonly region: string;
  /** The service's signing name, such as `lambda`. */
  readonly service: string;
  /** ms since 1970 */
  readonly time: number;
}

/** What a signing key is good for. */
export interface KeyScope {
  /** `20150830`, in UTC. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const TERMINATOR = 'aws4_request';

/** The credentials that the AWS SDKs' own variables hold; undefined without them. */
export function credentialsFrom(env: NodeJS.ProcessEnv): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
}

/** The request's headers with those that sign it; all given headers are signed. */
export function signedHeaders(
  request: RequestToSign,
  credentials: AwsCredentials,
  { region, service, time }: SigningScope,
): Record<string, string> {
  const timestamp = awsTimestamp(time);
  const scope = { date: timestamp.slice(0, 8), region, service };
  const headers = {
    ...request.headers,
    ...(credentials.sessionToken && { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-Date': timestamp,
  };
  const { pathname, search, host } = request.url;
  const values = headerValues(Object.entries({ ...headers, Host: host }).flat());
  const names = [...values.keys()].sort();
  const wire = {
    method: request.method,
    path: pathname,
    query: queryParameters(search.slice(1)),
    headers: values,
  };
  const toSign = stringToSign(canonicalRequest(wire, names, sha256(request.body)), timestamp, scope);
  const signature = sign(keyOf(credentials, scope), toSign);
  return {
    ...headers,
    Authorization: `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

/** The last key of each: credentials sign for a service, and a day long with the same key. */
const lastKeys = new WeakMap<AwsCredentials, { readonly scope: string; readonly key: KeyObject }>();

function keyOf(credentials: AwsCredentials, scope: KeyScope): KeyObject {
  const text = scopeText(scope);
  const last = lastKeys.get(credentials);
  if (last?.scope === text) return last.key;
  const key = signingKey(credentials.secretAccessKey, scope);
  lastKeys.set(credentials, { scope: text, key });
  return key;
}

/** A time as signatures have it: `20150830T123600Z`. */
export function awsTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** @param canonical a byte string, see {@link canonicalRequest} */
export function stringToSign(canonical: string, timestamp: string, scope: KeyScope): string {
  return [ALGORITHM, timestamp, scopeText(scope), sha256(Buffer.from(canonical, 'latin1'))].join('\n');
}

/** The key for all requests of a day; deriving it takes much longer than using it. */
export function signingKey(secretAccessKey: string, { date, region, service }: KeyScope): KeyObject {
  return createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), service), TERMINATOR));
}

/** Hex. */
export function sign(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Hex. */
export function sha256(data: string | Buffer): string {
  return hash('sha256', data);
}

function scopeText({ date, region, service }: KeyScope): string {
  return `${date}/${region}/${service}/${TERMINATOR}`;
}
