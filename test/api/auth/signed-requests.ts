/** Requests that AWS's own signer has signed, and what the API answers them. */
import { HttpRequest } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Api } from '../../../api/api.ts';
import type { SecretApiKey } from '../../../store/api-key.ts';

/** What is signed. */
export interface Unsigned {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Scope {
  readonly key: Pick<SecretApiKey, 'accessKeyId' | 'secretAccessKey' | 'place'>;
  /** ms since 1970. */
  readonly time: number;
  readonly region?: string;
  readonly service?: string;
  readonly sessionToken?: string;
}

/** As it goes over the wire. */
export interface Signed {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: string;
}

export const HOST = 'localhost:8083';
export const JSON_HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'AWSStepFunctions.ListStateMachines',
};
const LIST: Unsigned = { method: 'POST', headers: JSON_HEADERS, body: '{}' };

/** Signed in the Authorization header; by default a ListStateMachines. */
export async function sign(scope: Scope, request: Unsigned = LIST): Promise<Signed> {
  const signed = await signer(scope).sign(httpRequest(request), { signingDate: new Date(scope.time) });
  return onTheWire(signed as HttpRequest);
}

export async function presign(scope: Scope, expiresIn: number, request: Unsigned = LIST): Promise<Signed> {
  const options = {
    signingDate: new Date(scope.time),
    expiresIn,
    unhoistableHeaders: new Set(['x-amz-target']),
  };
  return onTheWire((await signer(scope).presign(httpRequest(request), options)) as HttpRequest);
}

function httpRequest({ method = 'POST', path = '/', query = {}, headers = {}, body }: Unsigned): HttpRequest {
  return new HttpRequest({ method, path, query, headers: { host: HOST, ...headers }, body });
}

function signer({ key, region = key.place.region, service = 'states', sessionToken }: Scope): SignatureV4 {
  const credentials = { ...key, ...(sessionToken !== undefined && { sessionToken }) };
  return new SignatureV4({ credentials, region, service, sha256: Hash.bind(null, 'sha256') });
}

function onTheWire({ method, path, query, headers, body = '' }: HttpRequest): Signed {
  const parameters = Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one ?? '')}`),
  );
  const target = parameters.length === 0 ? path : `${path}?${parameters.join('&')}`;
  return { method, target, headers: { ...headers }, body };
}

export interface Answer {
  readonly status: number;
  /** Of an error. */
  readonly type: string | undefined;
  readonly message: string | undefined;
}

export async function send(api: Api, { method, target, headers, body }: Signed): Promise<Answer> {
  const response = await api.inject({
    method: method as 'GET',
    url: target,
    headers,
    ...(body !== '' && { payload: body }),
  });
  const { __type: type, message } = response.json() as { __type?: string; message?: string };
  return { status: response.statusCode, type, message };
}
