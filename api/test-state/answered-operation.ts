/** Which operation of which service answers what a Task's result then is. */
import type { ServiceResource } from '../../runtime/machine/resource.ts';
import { capitalized, type Spelling } from './spelling.ts';

export interface AnsweredOperation {
  /** As `aws-sdk:` integrations call it: `eventbridge`. */
  readonly service: string;
  /** As the service calls it: `PutEvents`. */
  readonly operation: string;
  readonly spelling: Spelling;
  /** A member that arrives as JSON, whatever it is, in place of the text or the bytes that the operation answers. */
  readonly parsedMember?: string;
}

const AWS_SDK = 'aws-sdk:';

/** Optimized integrations whose names for services are not those of the SDK. */
const SDK_NAMES: ReadonlyMap<string, string> = new Map([
  ['events', 'eventbridge'],
  ['states', 'sfn'],
]);

/** What `.sync` integrations ask until the job is done; its last answer is their result. */
const POLLED: ReadonlyMap<string, string> = new Map([
  ['batch:submitJob', 'DescribeJobs'],
  ['ecs:runTask', 'DescribeTasks'],
  ['states:startExecution', 'DescribeExecution'],
]);

/**
 * @returns undefined when the result is no operation's answer, as with a task token, or it is not known whose answer
 */
export function answeredOperation(resource: ServiceResource): AnsweredOperation | undefined {
  const { resourceType, action, pattern } = resource;
  if (pattern === 'WAIT_FOR_TASK_TOKEN') return undefined;
  if (resourceType.startsWith(AWS_SDK)) {
    const service = resourceType.slice(AWS_SDK.length);
    return { service, operation: capitalized(action), spelling: 'AWS_SDK' };
  }
  const integration = `${resourceType}:${action}`;
  const operation = pattern === 'RUN_A_JOB' ? POLLED.get(integration) : capitalized(action);
  if (operation === undefined) return undefined;
  return {
    service: SDK_NAMES.get(resourceType) ?? resourceType,
    operation,
    spelling: 'OPTIMIZED',
    ...(integration === 'lambda:invoke' && { parsedMember: 'Payload' }),
  };
}
