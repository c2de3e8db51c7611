import { isArray, isObject, type Json, type JsonObject } from '../../runtime/data/json.ts';
import { jsonFault } from '../../runtime/data/json-fault.ts';
import { type Mock, Payload, parseJson, type StateUnderTest } from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import { awsError } from '../errors.ts';
import type { Input, Value } from '../model/shapes.ts';
import { checkAnswer } from './answer-check.ts';
import { answeredOperation } from './answered-operation.ts';

type State = StateUnderTest['state'];
type ValidationMode = Value<'MockResponseValidationMode'>;

/** Integrations whose results come from no AWS API: of a web server, or of a Kubernetes cluster. */
const UNCHECKED: ReadonlySet<string> = new Set([
  'http:invoke',
  'apigateway:invoke',
  'eks:call',
  'eks:runJob',
]);

/** @throws AwsError ValidationException */
export function readMock({ mock, revealSecrets }: Input<'TestState'>, state: State): Mock | undefined {
  if (mock === undefined) return undefined;
  const { result, errorOutput, fieldValidationMode = 'STRICT' } = mock;
  if (revealSecrets === true)
    throw awsError(
      'ValidationException',
      'TestState does not support RevealSecrets when a mock is specified.',
    );
  if ((result === undefined) === (errorOutput === undefined))
    throw awsError(
      'ValidationException',
      'A test mock should have only one of the following fields: [result, errorOutput].',
    );
  if (state.type !== 'Task' && state.type !== 'Map' && state.type !== 'Parallel')
    throw awsError(
      'ValidationException',
      `State type '${state.type}' is not supported when a mock is specified`,
    );
  if (result !== undefined) return { kind: 'result', result: readResult(result, state, fieldValidationMode) };
  const { error, cause } = errorOutput ?? {};
  return {
    kind: 'error',
    failure: { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) },
  };
}

function readResult(text: string, state: State, mode: ValidationMode): Payload {
  if (jsonFault(text) !== undefined) throw mockedResult('must be valid JSON');
  const result = parseJson(text);
  if (state.type === 'Map') requireArrayOrExport(result, state.exportsResults);
  else if (state.type === 'Parallel') requireBranches(result, state.branches.length);
  else if (state.type === 'Task' && mode !== 'NONE') requireApiAnswer(result, state.resource, mode);
  return Payload.fromText(text);
}

/** With a ResultWriter, the result only tells where the results are. */
function requireArrayOrExport(result: Json, exportsResults: boolean): void {
  if (exportsResults) requireObject(result);
  else if (!isArray(result)) throw mockedResult('must be an array.');
}

function requireBranches(result: Json, branches: number): void {
  if (!isArray(result)) throw mockedResult('must be an array.');
  if (result.length !== branches)
    throw mockedResult('must contain the same number of items as number of Parallel branches.');
}

/** What comes back by way of a task token, or from a function, may be anything. */
function requireApiAnswer(result: Json, resource: TaskResource, mode: ValidationMode): void {
  if (resource.kind !== 'service' || resource.pattern === 'WAIT_FOR_TASK_TOKEN') return;
  if (UNCHECKED.has(`${resource.resourceType}:${resource.action}`)) return;
  requireObject(result);
  const answered = answeredOperation(resource);
  if (answered !== undefined) checkAnswer(result, answered, { requireAll: mode === 'STRICT' });
}

function requireObject(result: Json): asserts result is JsonObject {
  if (!isObject(result)) throw mockedResult('must be a JSON object.');
}

function mockedResult(fault: string) {
  return awsError('ValidationException', `Mocked result ${fault}`);
}
