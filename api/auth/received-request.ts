import type { FastifyRequest } from 'fastify';
import {
  headerValues,
  queryParameters,
  splitOnce,
  type WireRequest,
} from '../../integrations/aws/canonical-request.ts';
import { sha256 } from '../../integrations/aws/signature.ts';

/** A request as it came over the wire, for its signature. */
export interface ReceivedRequest extends WireRequest {
  /** SHA-256 of the body, hex. */
  readonly payloadHash: string;
}

export function receivedRequest({ raw, body }: FastifyRequest): ReceivedRequest {
  const [path, query] = splitOnce(raw.url ?? '', '?');
  return {
    method: raw.method ?? '',
    path,
    query: queryParameters(query),
    headers: headerValues(raw.rawHeaders),
    payloadHash: sha256(body instanceof Buffer ? body : ''),
  };
}

/**
 * What AWS's signers put into a header, or into the query of a presigned URL.
 * @param name in lower case, such as `x-amz-security-token`
 */
export function amazonParameter({ headers, query }: WireRequest, name: string): string | undefined {
  return headers.get(name) ?? query.find((parameter) => parameter[0].toLowerCase() === name)?.[1];
}
