import { randomBytes, randomUUID } from 'node:crypto';
import { isObject, type JsonObject } from '../../runtime/data/json.ts';
import { jsonFault } from '../../runtime/data/json-fault.ts';
import { type ArnPlace, stateMachineArn } from '../../runtime/execution/arn.ts';
import { States } from '../../runtime/failures/failure.ts';
import {
  type ExecutionIdentity,
  InvalidTest,
  parseJson,
  testState as runTest,
  type StateTest,
  type TestStateResult,
} from '../../runtime/index.ts';
import { checkRoleArn } from '../arns.ts';
import { awsError } from '../errors.ts';
import { checkExecutionInput } from '../execution-input.ts';
import type { Input, Output } from '../model/shapes.ts';
import { readConfiguration } from '../test-state/configuration.ts';
import { readContext } from '../test-state/context-object.ts';
import { LiveWorld, TestTimedOut } from '../test-state/live-world.ts';
import { readMock } from '../test-state/mock.ts';
import { checkUnmocked, readSubject } from '../test-state/subject.ts';
import type { Operation } from './operation.ts';

/**
 * Nothing of a test is stored.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
 */
export const testState: Operation<'TestState'> = async (input, context) => {
  const test = readTest(input, context.place);
  try {
    return answer(await runTest(test, new LiveWorld(context)), input.inspectionLevel);
  } catch (error) {
    if (error instanceof TestTimedOut) return { status: 'FAILED', error: States.Timeout };
    if (error instanceof InvalidTest) throw awsError('ValidationException', error.message);
    throw error;
  }
};

function readTest(request: Input<'TestState'>, place: ArnPlace): StateTest {
  const { roleArn, input = '{}', variables } = request;
  if (roleArn !== undefined) checkRoleArn(roleArn);
  const subject = readSubject(request);
  checkExecutionInput(input);
  const mock = readMock(request, subject.state);
  const configuration = readConfiguration(request, subject);
  const context = readContext(request, subject);
  if (mock === undefined) checkUnmocked(request, subject);
  return {
    ...configuration,
    subject,
    identity: newIdentity(place),
    roleArn,
    input,
    variables: readVariables(variables),
    mock,
    context,
  };
}

function readVariables(variables = '{}'): JsonObject {
  const read = jsonFault(variables) === undefined ? parseJson(variables) : undefined;
  if (read === undefined || !isObject(read))
    throw awsError('ValidationException', 'Variables must be a JSON object');
  if (Object.hasOwn(read, 'states'))
    throw awsError('ValidationException', `Cannot assign to reserved variable '$states'.`);
  return read;
}

/** As recorded, a test has the look of an Express execution of a machine that has no name. */
function newIdentity(place: ArnPlace): ExecutionIdentity {
  const stateMachineName = randomUUID();
  const executionName = randomUUID();
  const { partition, region, accountId } = place;
  return {
    executionArn: `arn:${partition}:states:${region}:${accountId}:express:${stateMachineName}:${executionName}`,
    executionName,
    stateMachineArn: stateMachineArn(place, stateMachineName),
    stateMachineName,
    region,
    secret: randomBytes(32).toString('base64url'),
  };
}

function answer(
  { output, inspectionData, ...result }: TestStateResult,
  level: Input<'TestState'>['inspectionLevel'] = 'INFO',
): Output<'TestState'> {
  return {
    ...result,
    output: output?.text,
    ...(level !== 'INFO' && { inspectionData }),
  };
}
