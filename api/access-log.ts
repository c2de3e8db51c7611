import type { FastifyReply } from 'fastify';
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

/**
 * Who asked for what and what came of it; never what was in it.
 * @param isCutShort the client was gone before it had its answer
 */
export function logAccess(logger: Logger, reply: FastifyReply, isCutShort: boolean): void {
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
      error: request.errorName ?? (isCutShort ? 'RequestAbortedException' : undefined),
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      remoteAddress: request.ip,
    },
    'request',
  );
}
