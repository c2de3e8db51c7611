/**
 * Whether a signature is good, checked in AWS's order and told in AWS's words.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
 */
import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { canonicalRequest } from '../../integrations/aws/canonical-request.ts';
import {
  ALGORITHM,
  awsTimestamp,
  type KeyScope,
  sign,
  stringToSign,
  TERMINATOR,
} from '../../integrations/aws/signature.ts';
import { type AwsError, awsError } from '../errors.ts';
import type { Claim } from './claim.ts';
import { amazonParameter, type ReceivedRequest } from './received-request.ts';

/** Step Functions' signing name. */
export const SERVICE = 'states';

const SKEW_SECONDS = 5 * 60;
const EXPIRES_SECONDS_MAX = 7 * 24 * 60 * 60;

/** Whose key a request says that it is signed with, and what that key is good for. */
export interface Credential extends KeyScope {
  readonly accessKeyId: string;
}

/**
 * The checks that need no key.
 * @param now ms since 1970
 * @throws AwsError InvalidSignatureException, IncompleteSignatureException
 */
export function checkClaim(claim: Claim, request: ReceivedRequest, now: number): Credential {
  checkTime(claim, now);
  checkSignedHeaders(claim, request);
  if (claim.algorithm !== ALGORITHM)
    throw awsError(
      'IncompleteSignatureException',
      `Unsupported AWS 'algorithm': '${claim.algorithm}' (only ${ALGORITHM} for now). `,
    );
  const credential = readCredential(claim);
  checkPayloadHash(request);
  return credential;
}

/** Signed in the header, a request is good for as long as clocks may differ; presigned, for as long as it says. */
function checkTime({ timestamp, time, expires }: Claim, now: number): void {
  const latest = now + SKEW_SECONDS * 1000;
  if (time > latest)
    throw awsError(
      'InvalidSignatureException',
      `Signature not yet current: ${timestamp} is still later than ${awsTimestamp(latest)} (${awsTimestamp(now)} + ${inWords(SKEW_SECONDS)})`,
    );
  const seconds = readExpires(expires);
  const earliest = now - seconds * 1000;
  if (time < earliest)
    throw awsError(
      'InvalidSignatureException',
      `Signature expired: ${timestamp} is now earlier than ${awsTimestamp(earliest)} (${awsTimestamp(now)} - ${inWords(seconds)})`,
    );
}

function inWords(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min.` : `${seconds} sec.`;
}

function readExpires(expires: string | undefined): number {
  if (expires === undefined) return SKEW_SECONDS;
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (seconds >= 1 && seconds <= EXPIRES_SECONDS_MAX) return seconds;
  throw awsError(
    'IncompleteSignatureException',
    `X-Amz-Expires must be a number of seconds from 1 to ${EXPIRES_SECONDS_MAX}`,
  );
}

/** The target decides what a request does: unsigned, somebody on the way could turn it into another. */
function checkSignedHeaders({ signedHeaders }: Claim, { headers }: ReceivedRequest): void {
  const unsigned = !signedHeaders.includes('host')
    ? "'Host' or ':authority'"
    : headers.has('x-amz-target') && !signedHeaders.includes('x-amz-target')
      ? "'X-Amz-Target'"
      : undefined;
  if (unsigned !== undefined)
    throw awsError(
      'InvalidSignatureException',
      `${unsigned} must be a 'SignedHeader' in the AWS Authorization.`,
    );
}

function readCredential({ credential, timestamp }: Claim): Credential {
  const parts = credential.split('/');
  if (parts.length !== 5)
    throw awsError(
      'IncompleteSignatureException',
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = parts;
  const day = timestamp.slice(0, 8);
  const faults = [
    service !== SERVICE && `Credential should be scoped to correct service: '${SERVICE}'. `,
    terminator !== TERMINATOR &&
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `,
    date !== day &&
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${timestamp}'.`,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw awsError('InvalidSignatureException', faults.join(''));
  return { accessKeyId, date, region, service };
}

/** What does not say what is in the body (UNSIGNED-PAYLOAD and the like) is not taken for signed. */
function checkPayloadHash(request: ReceivedRequest): void {
  const stated = amazonParameter(request, 'x-amz-content-sha256');
  if (stated !== undefined && stated !== request.payloadHash)
    throw awsError(
      'InvalidSignatureException',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
}

/** Undefined: the signature is good. Takes as long when it is not. */
export function signatureFault(
  claim: Claim,
  credential: Credential,
  request: ReceivedRequest,
  signingKey: KeyObject,
): AwsError | undefined {
  const signed = { ...request, query: claim.query };
  const canonical = canonicalRequest(signed, claim.signedHeaders, request.payloadHash);
  const toSign = stringToSign(canonical, claim.timestamp, credential);
  if (isEqual(sign(signingKey, toSign), claim.signature)) return undefined;
  return awsError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      `and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'${canonical}'\n\nThe String-to-Sign should have been\n'${toSign}'\n`,
  );
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
