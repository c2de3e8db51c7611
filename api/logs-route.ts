import type { FastifyInstance } from 'fastify';
import { type LogPage, logPosition } from '../store/execution-log.ts';
import { type Clock, pause } from '../telemetry/clock.ts';
import { awsError } from './errors.ts';
import { logSourceOf } from './log-source.ts';
import type { ContextOf } from './operations/operation.ts';
import { readWaitSeconds, waitForNewsOf } from './wait-for-news.ts';

/** Between two looks while somebody waits: logs are written some moments after they were made anyway. */
const LOOK_MS = 300;
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;

interface Route {
  Querystring: { arn?: unknown; after?: unknown; since?: unknown; wait?: unknown; limit?: unknown };
}

/**
 * `GET /api/v1/logs?arn=ARN&after=CURSOR&wait=SECONDS&limit=COUNT`: what an execution, or all executions of a state
 * machine, have logged, as `{events, nextCursor}`: from the beginning on, after a cursor, or with `since=TIME` (ISO 8601)
 * what was written from then on. Where there is nothing, the answer is given once there is or the time is up.
 * @param closing ends all waiting
 */
export function serveLogs(
  app: FastifyInstance,
  contextOf: ContextOf,
  clock: Clock,
  closing: AbortSignal,
): void {
  app.get<Route>('/api/v1/logs', async (request, reply) => {
    const context = await contextOf(request);
    const { query } = request;
    const { stream, requireExistence } = logSourceOf(context, query.arn);
    const after = readStart(query.after, query.since);
    const limit = readLimit(query.limit);
    const waitMs = readWaitSeconds(query.wait) * 1000;
    const read = () => context.store.logs.read({ stream, after, limit });
    const page = await read();
    if (page.records.length > 0) return answer(page);
    // A cursor says that it was there. It may be gone by now, as a deleted state machine is.
    if (query.after === undefined) await requireExistence();
    if (waitMs === 0) return answer(page);
    const waitForNews = waitForNewsOf(request, reply);
    return answer(
      await waitForNews((gone) => untilLogged(read, clock, waitMs, AbortSignal.any([closing, gone]))),
    );
  });
}

async function untilLogged(
  read: () => Promise<LogPage>,
  clock: Clock,
  waitMs: number,
  isOver: AbortSignal,
): Promise<LogPage> {
  const giveUpAt = clock.monotonic() + waitMs;
  for (;;) {
    const leftMs = giveUpAt - clock.monotonic();
    await pause(clock, Math.min(LOOK_MS, leftMs), isOver);
    const page = await read();
    if (page.records.length > 0 || leftMs <= LOOK_MS || isOver.aborted) return page;
  }
}

function answer({ records, position }: LogPage): { events: LogPage['records']; nextCursor: string } {
  return { events: records, nextCursor: String(position) };
}

/** @throws AwsError InvalidToken, ValidationException */
function readStart(after: unknown, since: unknown): number {
  if (after !== undefined && since !== undefined)
    throw awsError('ValidationException', "'after' and 'since' exclude each other");
  if (since !== undefined) return logPosition(readTime(since)) - 1;
  if (after === undefined) return 0;
  if (typeof after === 'string' && /^\d{1,18}$/.test(after)) return Number(after);
  throw awsError('InvalidToken');
}

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function readTime(text: unknown): number {
  const time = typeof text === 'string' && ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  // Before 1970 there is nothing.
  if (!Number.isNaN(time)) return Math.max(time, 1);
  throw awsError('ValidationException', "'since' must be a time such as 2026-05-04T13:37:00Z");
}

function readLimit(limit: unknown): number {
  if (limit === undefined) return LIMIT_DEFAULT;
  const count = typeof limit === 'string' && /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (count >= 1 && count <= LIMIT_MAX) return count;
  throw awsError('ValidationException', `'limit' must be a number from 1 to ${LIMIT_MAX}`);
}
