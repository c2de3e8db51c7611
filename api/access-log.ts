import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../telemetry/log.ts';
import type { Caller } from './auth/caller.ts';
import type { ErrorName } from './errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, the AWS operation and the error's name. */
    caller: Caller | undefined;
    operation: string | undefined;
    errorName: ErrorName | undefined;
  }
}

/** How a request came to its end. */
export interface RequestEnd {
  readonly durationMs: number;
  /** The client was gone before it had its answer. */
  readonly isCutShort: boolean;
}

/** Who asked for what and what came of it; never what was in it. */
export function logAccess(logger: Logger, reply: FastifyReply, end: RequestEnd): void {
  const { request, raw } = reply;
  logger.info(
    {
      requestId: request.id,
      method: request.method,
      path: request.url.split('?', 1)[0],
      accessKeyId: request.caller?.accessKeyId,
      accountId: request.caller?.place.accountId,
      operation: request.operation,
      status: raw.headersSent ? reply.statusCode : undefined,
      error: errorOf(request, end),
      durationMs: Math.round(end.durationMs * 1000) / 1000,
      remoteAddress: request.ip,
    },
    'request',
  );
}

/** The name of the error that a request ended with. */
export function errorOf({ errorName }: FastifyRequest, { isCutShort }: RequestEnd): ErrorName | undefined {
  return errorName ?? (isCutShort ? 'RequestAbortedException' : undefined);
}
