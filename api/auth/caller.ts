import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import { awsError } from '../errors.ts';
import { readClaim } from './claim.ts';
import { KnownKey, type KnownKeys } from './known-keys.ts';
import { amazonParameter, receivedRequest } from './received-request.ts';
import { checkClaim, signatureFault } from './verify.ts';

/** Who sent a request. */
export interface Caller {
  /** Undefined: anybody, where nobody is asked. */
  readonly accessKeyId: string | undefined;
  /** Where they act. */
  readonly place: ArnPlace;
}

/** @throws AwsError when a request does not prove who sent it */
export type Identify = (request: FastifyRequest) => Caller | Promise<Caller>;

/** Everybody acts in the place. */
export function anybody(place: ArnPlace): Identify {
  const caller = { accessKeyId: undefined, place };
  return () => caller;
}

/** Whoever signs with an API key acts in the key's place. */
export function signer(keys: KnownKeys, place: ArnPlace, now: () => number): Identify {
  // A signature with a key that does not exist is verified as well: it shall take as long.
  const nobody = new KnownKey(randomBytes(30).toString('base64'), place);
  return async (request) => {
    const received = receivedRequest(request);
    const claim = readClaim(received);
    const credential = checkClaim(claim, received, now());
    const key = await keys.find(credential.accessKeyId);
    const fault = signatureFault(claim, credential, received, (key ?? nobody).signingKey(credential.date));
    if (key === undefined) throw awsError('UnrecognizedClientException');
    if (credential.region !== key.place.region)
      throw awsError(
        'InvalidSignatureException',
        `Credential should be scoped to a valid region, not '${credential.region}'. `,
      );
    if (fault !== undefined) throw fault;
    // Nobody gave one out here.
    if (amazonParameter(received, 'x-amz-security-token') !== undefined)
      throw awsError('UnrecognizedClientException');
    return { accessKeyId: credential.accessKeyId, place: key.place };
  };
}
