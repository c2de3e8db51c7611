/** How a Task reaches its service, told by the suffix of its Resource. */
export type IntegrationPattern = 'REQUEST_RESPONSE' | 'RUN_A_JOB' | 'WAIT_FOR_TASK_TOKEN';

/**
 * A Task's Resource, taken apart.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
 */
export type TaskResource =
  /** A Lambda function's ARN; its history has LambdaFunction* events. */
  | { readonly kind: 'lambda'; readonly arn: string }
  /** An activity's ARN; its history has Activity* events. */
  | { readonly kind: 'activity'; readonly arn: string }
  /** `arn:aws:states:::service:action[.sync|.sync:2|.waitForTaskToken]`; its history has Task* events. */
  | {
      readonly kind: 'service';
      readonly arn: string;
      /** The events' `resourceType`: `lambda`, `sqs`, `aws-sdk:dynamodb`. */
      readonly resourceType: string;
      /** The events' `resource`, suffix included: `invoke`, `startExecution.sync:2`. */
      readonly resource: string;
      /** `resource` without its suffix. */
      readonly action: string;
      readonly pattern: IntegrationPattern;
      /** `.sync:2`: the child's output arrives parsed. */
      readonly syncVersion: 1 | 2 | undefined;
    };

export type ServiceResource = Extract<TaskResource, { kind: 'service' }>;

const SERVICE =
  /^arn:(aws[\w-]*):states:([\w-]*):(\d*):([a-z0-9-]+(?::[a-z0-9-]+)*):([A-Za-z0-9]+)(\.sync(?::2)?|\.waitForTaskToken)?$/;
const LAMBDA = /^arn:aws[\w-]*:lambda:[\w-]*:[\w-]*:function:[\w$.:-]+$/;
const ACTIVITY = /^arn:aws[\w-]*:states:[\w-]+:\d+:activity:.+$/;

/** Takes a Resource apart; undefined when it is none of the kinds AWS has. */
export function parseResource(arn: string): TaskResource | undefined {
  if (LAMBDA.test(arn)) return { kind: 'lambda', arn };
  if (ACTIVITY.test(arn)) return { kind: 'activity', arn };
  const match = SERVICE.exec(arn);
  if (!match) return undefined;
  const [, , , , resourceType = '', action = '', suffix = ''] = match;
  return {
    kind: 'service',
    arn,
    resourceType,
    resource: `${action}${suffix}`,
    action,
    pattern:
      suffix === '.waitForTaskToken'
        ? 'WAIT_FOR_TASK_TOKEN'
        : suffix === ''
          ? 'REQUEST_RESPONSE'
          : 'RUN_A_JOB',
    syncVersion: suffix === '.sync' ? 1 : suffix === '.sync:2' ? 2 : undefined,
  };
}

/** `arn:aws:states:::postgres:execute`: SQL in the transaction that records its result. */
export function isPostgres(resource: TaskResource): boolean {
  return (
    resource.kind === 'service' && resource.resourceType === 'postgres' && resource.resource === 'execute'
  );
}
