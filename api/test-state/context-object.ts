/** The Context Object that a test brings along. */
import { isNumber, isObject, type Json, type JsonObject } from '../../runtime/data/json.ts';
import { jsonFault } from '../../runtime/data/json-fault.ts';
import { parseJson, type StateUnderTest } from '../../runtime/index.ts';
import { awsError } from '../errors.ts';
import type { Input } from '../model/shapes.ts';

type FieldType = 'string' | 'number' | 'any';

/** Every part may be missing, and so may every field of it. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'number',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'number' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

/** @throws AwsError ValidationException */
export function readContext(
  { context, mock }: Input<'TestState'>,
  { state }: StateUnderTest,
): JsonObject | undefined {
  if (context === undefined) return undefined;
  if (mock === undefined)
    throw awsError('ValidationException', 'TestState does not support Context when a mock is not specified.');
  const given = jsonFault(context) === undefined ? parseJson(context) : undefined;
  if (given === undefined || !isObject(given)) throw invalid('Context object must be a JSON object');
  for (const [name, part] of Object.entries(given)) checkPart(name, part);
  if (Object.hasOwn(given, 'Task') && !outlivesItsCall(state))
    throw invalid(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  return given;
}

function checkPart(name: string, part: Json): void {
  if (name === 'Map') throw invalid("'Map' field is not supported when mocking a Context object");
  const fields = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (fields === undefined) throw invalid(`Field '${name}' is not allowed`);
  if (!isObject(part)) throw invalid(`${name} must be an object`);
  for (const [field, value] of Object.entries(part)) {
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (type === undefined) throw invalid(`Field '${field}' is not allowed`);
    if (!hasType(value, type)) throw invalid(`${name}.${field} must be a ${type}`);
  }
}

function hasType(value: Json, type: FieldType): boolean {
  if (type === 'any') return true;
  return type === 'number' ? isNumber(value) : typeof value === 'string';
}

function outlivesItsCall(state: StateUnderTest['state']): boolean {
  return (
    state.type === 'Task' &&
    state.resource.kind === 'service' &&
    state.resource.pattern !== 'REQUEST_RESPONSE'
  );
}

function invalid(fault: string) {
  return awsError('ValidationException', `Invalid Context object provided: ${fault}`);
}
