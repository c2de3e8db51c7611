/** ARNs as AWS forms them. */
export interface ArnPlace {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

export function stateMachineArn(place: ArnPlace, name: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:stateMachine:${name}`;
}

/** The ARN of a version (`3`) or an alias (`live`) of a state machine. */
export function qualifiedArn(place: ArnPlace, name: string, qualifier: number | string): string {
  return `${stateMachineArn(place, name)}:${qualifier}`;
}

/** The state machine that the executions of a Distributed Map state point to. */
export function labelledStateMachineArn(place: ArnPlace, name: string, label: string): string {
  return `${stateMachineArn(place, name)}/${label}`;
}

export function mapRunArn(place: ArnPlace, stateMachineName: string, label: string, uuid: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:mapRun:${stateMachineName}/${label}:${uuid}`;
}

export function executionArn(place: ArnPlace, stateMachineName: string, name: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:execution:${stateMachineName}:${name}`;
}

export function activityArn(place: ArnPlace, name: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:activity:${name}`;
}

/** @param id of this one start: names of Express executions are not unique */
export function expressArn(place: ArnPlace, stateMachineName: string, name: string, id: string): string {
  return `arn:${place.partition}:states:${place.region}:${place.accountId}:express:${stateMachineName}:${name}:${id}`;
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

/** What follows `stateMachine:` in an ARN, taken apart. */
export interface StateMachineResource {
  readonly name: string;
  /** The Distributed Map state whose executions are meant: `order/label`. */
  readonly label: string | undefined;
  readonly version: number | undefined;
  readonly alias: string | undefined;
}

/** What stands for a version of a machine; aliases are never numbers. */
const VERSION = /^[1-9]\d{0,8}$/;

export function parseStateMachineResource(resource: string): StateMachineResource {
  const [, name = '', label, qualifier] = /^([^:/]*)(?:\/([^:]*))?(?::(.*))?$/s.exec(resource) ?? [];
  const isVersion = qualifier !== undefined && VERSION.test(qualifier);
  return {
    name,
    label,
    version: isVersion ? Number(qualifier) : undefined,
    alias: isVersion ? undefined : qualifier,
  };
}

export function isSamePlace(one: ArnPlace, other: ArnPlace): boolean {
  return (
    one.region === other.region && one.accountId === other.accountId && one.partition === other.partition
  );
}
