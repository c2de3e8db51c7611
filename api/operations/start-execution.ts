import {
  newExecution,
  newExpressExecution,
  type StartRequest,
  type StartTarget,
} from '../../integrations/states/execution-start.ts';
import { executionArn } from '../../runtime/execution/arn.ts';
import { encodeEvents } from '../../runtime/index.ts';
import { awsError } from '../errors.ts';
import type { Input } from '../model/shapes.ts';
import { readStart } from '../start-request.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/**
 * Idempotent by name: a start with the name and the input of a running execution is answered as that start was.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const startExecution: Operation<'StartExecution'> = async (input, context) => {
  for (;;) {
    const started = await start(input, context);
    if (started !== undefined) return started;
    // Another process has changed the machine, or made a new one of its name. What is read from now on says so.
    context.startRecords.forget();
  }
};

/** Undefined: nothing was started, as what was known of the state machine is outdated. */
async function start(input: Input<'StartExecution'>, context: OperationContext) {
  const { target, request } = await readStart('StartExecution', input, context);
  if (target.type === 'EXPRESS') return startExpress(target, request, context);
  const { store, place } = context;
  await context.quotas?.admitExecution(place);
  const execution = newExecution(target, request, place);
  const outcome = await store.executions.start(execution);
  const arn = executionArn(place, target.stateMachineName, request.name);
  switch (outcome.kind) {
    case 'started':
      return { executionArn: arn, startDate: toTimestamp(execution.startedAt) };
    case 'exists':
      if (outcome.status !== 'RUNNING' || !outcome.sameInput) throw awsError('ExecutionAlreadyExists', arn);
      return { executionArn: arn, startDate: toTimestamp(outcome.startedAt) };
    case 'deleting':
    case 'outdated':
      return undefined;
  }
}

/** Names of Express executions are not unique: each start is an execution of its own. */
async function startExpress(target: StartTarget, request: StartRequest, { store, place }: OperationContext) {
  const { stateMachineId, revisionRowId } = target;
  const { id, arn, started } = newExpressExecution(target, request, place);
  const body = encodeEvents([started]);
  const outcome = await store.express.start({ id, stateMachineId, revisionRowId, body });
  if (outcome === 'deleting') return undefined;
  return { executionArn: arn, startDate: toTimestamp(started.timestamp) };
}
