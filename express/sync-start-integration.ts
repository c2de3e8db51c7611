/**
 * `arn:aws:states:::aws-sdk:sfn:startSyncExecution`: an Express execution within the process that runs the task, and its
 * result in the task's. At most once: when the process dies, the execution is gone, and the attempt has failed.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
import { randomUUID } from 'node:crypto';
import { sdkCause } from '../integrations/aws/service-error.ts';
import type { TaskCall, TaskIntegration, TaskResult } from '../integrations/integration.ts';
import {
  type AskedStart,
  askedStart,
  type ChildLookup,
  placeOf,
} from '../integrations/states/asked-start.ts';
import { newExpressExecution } from '../integrations/states/execution-start.ts';
import type { Machines } from '../integrations/states/machines.ts';
import { sdkFailure, startFault } from '../integrations/states/start-failure.ts';
import { type ArnPlace, stateMachineArn } from '../runtime/execution/arn.ts';
import type { Failure } from '../runtime/failures/failure.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';
import type { ExpressOutcome } from './express-execution.ts';
import type { SyncExecutions } from './sync-executions.ts';
import { syncResult } from './sync-result.ts';

export interface SyncStartOptions extends Omit<ChildLookup, 'place'> {
  readonly machines: Machines;
  readonly executions: () => SyncExecutions;
  /** ms since 1970. */
  readonly now: () => number;
}

export class SyncStartIntegration implements TaskIntegration {
  readonly name = 'sync-start';
  readonly recovery = 'unknown';
  readonly #options: SyncStartOptions;

  constructor(options: SyncStartOptions) {
    this.#options = options;
  }

  serves(resource: TaskResource): boolean {
    return (
      resource.kind === 'service' &&
      resource.resourceType === 'aws-sdk:sfn' &&
      resource.action === 'startSyncExecution'
    );
  }

  lost(): Failure {
    return {
      error: 'Sfn.SdkClientException',
      cause: 'The process that ran the execution is gone: whether it has ended is not known.',
    };
  }

  async invoke(task: TaskCall): Promise<TaskResult> {
    const place = placeOf(task.executionArn);
    const asked = await askedStart(task, this.#options.now(), { ...this.#options, place }, sdkFailure);
    if ('failure' in asked) return { kind: 'failed', ...asked };
    if (asked.target.type !== 'EXPRESS')
      return { kind: 'failed', failure: sdkFailure(startFault('StateMachineTypeNotSupported')) };
    return this.#run(asked, place, task.signal);
  }

  async close(): Promise<void> {}

  async #run(asked: AskedStart, place: ArnPlace, signal: AbortSignal): Promise<TaskResult> {
    const { machines, executions } = this.#options;
    const { arn, started } = newExpressExecution(asked.target, asked.request, place);
    const revision = await machines.get(asked.target.revisionRowId);
    const outcome = await executions().run({ revision, started }, signal);
    if (outcome === undefined) return { kind: 'failed', failure: throttled() };
    const output = sdkOutput(asked, outcome, { arn, machineArn: machineArn(asked, place) });
    return output === undefined
      ? { kind: 'failed', failure: this.lost() }
      : { kind: 'succeeded', output: JSON.stringify(output) };
  }
}

function machineArn({ target }: AskedStart, place: ArnPlace): string {
  return stateMachineArn(place, target.stateMachineName);
}

/** The SDK knows of no such error of Step Functions, and so gives it the service's general name. */
function throttled(): Failure {
  return { error: 'Sfn.SfnException', cause: sdkCause('Sfn', 'Rate exceeded', randomUUID()) };
}

/** The response in the spelling of SDK integrations; undefined: the task does not wait for it any more. */
function sdkOutput(
  { request }: AskedStart,
  outcome: ExpressOutcome,
  { arn, machineArn }: { arn: string; machineArn: string },
): object | undefined {
  const result = syncResult(outcome, request.input);
  if (result === undefined) return undefined;
  const { status, output, error, cause, billingDetails } = result;
  return {
    BillingDetails: {
      BilledDurationInMilliseconds: billingDetails.billedDurationInMilliseconds,
      BilledMemoryUsedInMB: billingDetails.billedMemoryUsedInMB,
    },
    Cause: cause,
    Error: error,
    ExecutionArn: arn,
    Input: request.input,
    InputDetails: { Included: true },
    Name: request.name,
    Output: output,
    OutputDetails: { Included: true },
    StartDate: new Date(outcome.startedAt).toISOString(),
    StateMachineArn: machineArn,
    Status: status,
    StopDate: new Date(outcome.stoppedAt).toISOString(),
    TraceHeader: request.traceHeader,
  };
}
