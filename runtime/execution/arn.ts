/** ARNs as AWS forms them. */
export interface ArnPlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

export function stateMachineArn(place: ArnPlace, name: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:stateMachine:${name}`;
}

export function executionArn(place: ArnPlace, stateMachineName: string, name: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:execution:${stateMachineName}:${name}`;
}

/** An ARN of Step Functions, taken apart. */
export interface StatesArn extends ArnPlace {
  /** `stateMachine`, `execution`, `express`, `activity`, `mapRun`. */
  readonly resourceType: string;
  /** What follows the type: `order:run-1` of an execution's ARN. */
  readonly resource: string;
}

const STATES_ARN = /^arn:([\w-]+):states:([\w-]+):(\d+):([A-Za-z]+):([^\p{Cc}]+)$/u;

/** Undefined when the text is no ARN of Step Functions. */
export function parseArn(text: string): StatesArn | undefined {
  const match = STATES_ARN.exec(text);
  if (!match) return undefined;
  const [, partition = '', region = '', accountId = '', resourceType = '', resource = ''] = match;
  return { partition, region, accountId, resourceType, resource };
}
