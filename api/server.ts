/** The HTTP server itself: limits, request ids, the access log, errors outside of any route. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Logger, plainLogger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { logAccess, type RequestEnd } from './access-log.ts';
import { type AwsError, awsError } from './errors.ts';
import { AWS_JSON, clientError, errorBody, REQUEST_ID_HEADER, rawAnswer, toAwsError } from './http-faults.ts';
import { measureRequest } from './request-metrics.ts';
import type { RequestSlot, RequestSlots } from './request-slots.ts';
import type { Timeouts } from './timeouts.ts';

/** Room for an ARN of 2000 characters, percent-encoded. */
const PATH_PARAMETER_MAX = 16_384;
/** How often Node looks for requests that are overdue: so many times in the shortest time that they have. */
const CHECKS_PER_TIMEOUT = 4;

declare module 'fastify' {
  interface FastifyRequest {
    /** The route's; the framework puts all of its options together each time that it is asked for one. */
    needsNoSlot: boolean | undefined;
    /** Undefined: none was needed, or there was none. */
    slot: RequestSlot | undefined;
    /** Nothing is being done for it any more, but to send its answer. */
    isAnswered: boolean;
  }
  interface FastifyContextConfig {
    /** Takes no slot: it is answered also when all are taken. */
    readonly needsNoSlot?: boolean;
  }
}

export interface ServerOptions {
  /** Aborted when the server begins to close: no connection is kept alive from then on. */
  readonly closing: AbortSignal;
  /** Bytes of a body, at most. */
  readonly requestBytesMax: number;
  readonly slots: RequestSlots;
  readonly timeouts: Timeouts;
  readonly metrics: Metrics;
}

export function createServer(logger: Logger, options: ServerOptions): FastifyInstance {
  const { closing, requestBytesMax, slots, timeouts, metrics } = options;
  /** What each connection waits for. */
  const underway = new WeakMap<Socket, FastifyReply>();
  const accessLogger = plainLogger(logger);
  const over = (reply: FastifyReply, end: RequestEnd): void => {
    logAccess(accessLogger, reply, end);
    measureRequest(metrics, reply, end);
  };
  const app = fastify({
    bodyLimit: requestBytesMax,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    http: {
      requireHostHeader: false, // checked below: Node's answer is not AWS's
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: Math.min(timeouts.headersMs, timeouts.requestMs) / CHECKS_PER_TIMEOUT,
    },
    routerOptions: { maxParamLength: PATH_PARAMETER_MAX },
    forceCloseConnections: 'idle',
    // Who is connected is still served: the framework would say something else than AWS.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    clientErrorHandler: ({ code }, socket) => {
      if (code === 'ECONNRESET') socket.destroy();
      else answerUnreadable(logger, socket, clientError(code, requestBytesMax), underway.get(socket));
    },
    frameworkErrors: (error, request, reply) => {
      follow(reply, underway, over); // hooks are for requests whose URL can be read
      return answerError(toAwsError(error, requestBytesMax), request, reply);
    },
  });
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.on('prefinish', () => {
      // Most answers the system has taken as a whole by now.
      if (request.socket.writableLength > 0) request.socket.setTimeout(timeouts.answerMs);
    });
  });
  // What else than 100-continue a client expects need not be refused, as Node would: RFC 9110, 10.1.1.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  // Bodies stay bytes: each protocol reads its own.
  app.removeAllContentTypeParsers();
  // The framework finds the parser of a type that it knows by name at once, and that of any other by reading the type.
  app.addContentTypeParser([AWS_JSON, '*'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.decorateRequest('caller', undefined);
  app.decorateRequest('operation', undefined);
  app.decorateRequest('errorName', undefined);
  app.decorateRequest('needsNoSlot', undefined);
  app.decorateRequest('slot', undefined);
  app.decorateRequest('isAnswered', false);
  app.decorateRequest('gone', undefined);
  // Hooks with callbacks, which may throw as well: promises would cost more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    follow(reply, underway, over);
    request.needsNoSlot = request.routeOptions.config.needsNoSlot;
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      throw awsError('MalformedHttpRequestException', "The header 'Host' is missing");
    if (!request.needsNoSlot) request.slot = slots.take(bodyBytes(request, requestBytesMax));
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (closing.aborted) reply.header('connection', 'close');
    request.isAnswered = true;
    if (reply.raw.closed) request.slot?.free(); // its client left long ago
    done();
  });
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

/** What a request's body may come to hold; larger ones are not read. */
function bodyBytes({ headers }: FastifyRequest, maximum: number): number {
  if (headers['transfer-encoding'] !== undefined) return maximum;
  return Math.min(Number(headers['content-length'] ?? 0), maximum);
}

/** Keeps a request in view until it is over. */
function follow(
  reply: FastifyReply,
  underway: WeakMap<Socket, FastifyReply>,
  over: (reply: FastifyReply, end: RequestEnd) => void,
): void {
  const begunAt = performance.now();
  const { request, raw } = reply;
  const { socket } = request.raw;
  underway.set(socket, reply);
  let isSent = false;
  raw.on('finish', () => {
    isSent = true;
  });
  whenClosed(raw, () => {
    if (underway.get(socket) === reply) underway.delete(socket);
    if (request.isAnswered) request.slot?.free();
    request.gone?.abort();
    // The framework's own clock runs only for those who let it log.
    over(reply, { durationMs: performance.now() - begunAt, isCutShort: !isSent });
  });
}

/** When an answer has been sent, or its client has left. */
function whenClosed(answer: ServerResponse, run: () => void): void {
  if (answer.closed) run();
  else answer.on('close', run);
}

/** Seconds. AWS's JavaScript SDK waits as long, if it would not anyway. */
const RETRY_AFTER = '1';

function answerError(error: AwsError, request: FastifyRequest, reply: FastifyReply) {
  request.errorName ??= error.name;
  if (error.name === 'ThrottlingException') reply.header('retry-after', RETRY_AFTER);
  return reply
    .code(error.status)
    .header(REQUEST_ID_HEADER, request.id)
    .header('content-type', AWS_JSON)
    .serializer(JSON.stringify)
    .send(errorBody(error));
}

/** Answers what was no HTTP or came too slowly, and ends its connection. */
function answerUnreadable(
  logger: Logger,
  socket: Socket,
  error: AwsError,
  reply: FastifyReply | undefined,
): void {
  const requestId = reply?.request.id ?? randomUUID();
  if (reply) reply.request.errorName ??= error.name;
  else logger.info({ requestId, error: error.name, remoteAddress: socket.remoteAddress }, 'request');
  // In the middle of an answer, another one would pass for a part of it.
  if (socket.writable && !reply?.raw.headersSent) socket.end(rawAnswer(error, requestId));
  else socket.destroy();
}
