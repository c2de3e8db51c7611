import type { FastifyInstance } from 'fastify';
import { executionArn, stateMachineArn } from '../runtime/execution/arn.ts';
import { findExecution } from './arns.ts';
import { awsError } from './errors.ts';
import type { ContextOf } from './operations/operation.ts';

/** More than anybody looks through; they are rare. */
const LISTED_MAX = 1000;

interface Route {
  Params: { arn: string };
}

/**
 * Executions that no worker runs any more, because they have ended or failed each worker that did. To AWS they are RUNNING.
 *
 * * `GET /api/v1/set-aside`: `{executions: [{executionArn, stateMachineArn, since, reason}]}`, the longest first; `since` is
 *   in seconds, like AWS's dates.
 * * `POST /api/v1/executions/{arn}/retry`: workers run it again.
 */
export function serveSetAside(app: FastifyInstance, contextOf: ContextOf): void {
  app.get('/api/v1/set-aside', async (request) => {
    const { store, place } = await contextOf(request);
    const executions = await store.suspects.setAside(place, LISTED_MAX);
    return {
      executions: executions.map(({ stateMachineName, name, since, reason }) => ({
        executionArn: executionArn(place, stateMachineName, name),
        stateMachineArn: stateMachineArn(place, stateMachineName),
        since: since / 1000,
        reason,
      })),
    };
  });
  app.post<Route>('/api/v1/executions/:arn/retry', async (request) => {
    const context = await contextOf(request);
    const { arn } = request.params;
    const execution = await findExecution(context, arn);
    if (!(await context.store.suspects.retry(execution.id)))
      throw awsError('ValidationException', `'${arn}' is not set aside`);
    return {};
  });
}
