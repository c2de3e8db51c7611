import type { FastifyInstance } from 'fastify';
import { findExecution } from './arns.ts';
import { showExecution } from './operations/describe-execution.ts';
import type { ContextOf } from './operations/operation.ts';
import { readWaitSeconds, waitForNewsOf } from './wait-for-news.ts';

interface Route {
  Params: { arn: string };
  Querystring: { wait?: unknown };
}

/**
 * `GET /api/v1/executions/{arn}?wait=SECONDS`: DescribeExecution's answer, given when the execution has ended or the
 * time is up.
 * @param closing ends all waiting
 */
export function serveExecutions(app: FastifyInstance, contextOf: ContextOf, closing: AbortSignal): void {
  app.get<Route>('/api/v1/executions/:arn', async (request, reply) => {
    const context = await contextOf(request);
    const seconds = readWaitSeconds(request.query.wait);
    const { arn } = request.params;
    const execution = await findExecution(context, arn);
    if (execution.status !== 'RUNNING' || seconds === 0) return showExecution(context.place, execution);
    const closed = await waitForNewsOf(
      request,
      reply,
    )((gone) =>
      context.store.executions.waitForEnd(execution.id, seconds * 1000, AbortSignal.any([closing, gone])),
    );
    return showExecution(context.place, closed ?? (await findExecution(context, arn)));
  });
}
