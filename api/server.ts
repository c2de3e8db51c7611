/** The HTTP server itself: limits, request ids, the access log, errors outside of any route. */
import { randomUUID } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { isRetryable } from '../store/retryable-errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { AwsError, awsError } from './errors.ts';
import { jsonBytes } from './json-bytes.ts';

/** A client that takes longer to send its request is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than the 60 s after which load balancers drop idle connections, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Room for an ARN of 2000 characters, percent-encoded. */
const PATH_PARAMETER_MAX = 16_384;
const REQUEST_ID_HEADER = 'x-amzn-requestid';
export const AWS_JSON = 'application/x-amz-json-1.0';

declare module 'fastify' {
  interface FastifyRequest {
    /** The AWS operation and the error's name, for the access log. */
    operation: string | undefined;
    errorName: string | undefined;
  }
}

export interface ServerOptions {
  /** Aborted when the server begins to close: no connection is kept alive from then on. */
  readonly closing: AbortSignal;
  /** Bytes of a body, at most. */
  readonly requestBytesMax: number;
}

export function createServer(logger: Logger, { closing, requestBytesMax }: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: requestBytesMax,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: PATH_PARAMETER_MAX },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawAnswer(clientError(error.code, requestBytesMax)));
      else socket.destroy();
    },
    frameworkErrors: (error, request, reply) =>
      answerError(toAwsError(error, requestBytesMax), request, reply),
  });
  // Bodies stay bytes: each protocol reads its own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.decorateRequest('operation', undefined);
  app.decorateRequest('errorName', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing.aborted) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => logAccess(logger, request, reply));
  app.setNotFoundHandler(({ method, url }) => {
    const path = url.split('?', 1)[0];
    throw awsError('UnknownOperationException', `There is nothing at ${method} ${path}`);
  });
  app.setErrorHandler((error, request, reply) => {
    const answer = toAwsError(error, requestBytesMax);
    if (answer.status >= 500 && answer !== error)
      logger.error({ err: error, requestId: request.id }, 'request failed');
    return answerError(answer, request, reply);
  });
  return app;
}

function answerError(error: AwsError, request: FastifyRequest, reply: FastifyReply) {
  request.errorName = error.name;
  return reply
    .code(error.status)
    .header(REQUEST_ID_HEADER, request.id)
    .header('content-type', AWS_JSON)
    .send(jsonBytes(errorBody(error)));
}

/** AWS's error of whatever was thrown: by an operation, by the framework, by a bug. */
function toAwsError(error: unknown, requestBytesMax: number): AwsError {
  if (error instanceof AwsError) return error;
  if (isRetryable(error)) return awsError('ServiceUnavailable');
  if (!(error instanceof Error && 'statusCode' in error)) return awsError('InternalFailure');
  if (error.statusCode === 413) return awsError('RequestEntityTooLargeException', requestBytesMax);
  const isClientFault = Number(error.statusCode) >= 400 && Number(error.statusCode) < 500;
  return isClientFault ? awsError('SerializationException', error.message) : awsError('InternalFailure');
}

/** The error of a request that Node could not read. */
function clientError(code: string, requestBytesMax: number): AwsError {
  if (code === 'HPE_HEADER_OVERFLOW') return awsError('RequestEntityTooLargeException', requestBytesMax);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return awsError('RequestTimeoutException');
  return awsError('SerializationException', 'The request is not valid HTTP');
}

function errorBody({ name, message, members }: AwsError) {
  return { __type: name, message, ...members };
}

function rawAnswer(error: AwsError): string {
  const body = JSON.stringify(errorBody(error));
  return [
    `HTTP/1.1 ${error.status} ${error.name}`,
    `content-type: ${AWS_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${randomUUID()}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Who asked for what and what came of it; never what was in it. */
function logAccess(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  logger.info(
    {
      requestId: request.id,
      method: request.method,
      path: request.url.split('?', 1)[0],
      operation: request.operation,
      status: reply.statusCode,
      error: request.errorName,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      remoteAddress: request.ip,
    },
    'request',
  );
}
