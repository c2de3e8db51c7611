import { describe, expect, it } from 'vitest';
import { awsError, ERRORS, type ErrorName, validationError } from '../../api/errors.ts';
import { OPERATIONS } from '../../api/model/service-model.ts';

describe('the error catalogue', () => {
  it('has every error of the service model', () => {
    const modelled = new Set(Object.values(OPERATIONS).flatMap(({ errors }) => [...errors]));
    expect([...modelled].filter((name) => !Object.hasOwn(ERRORS, name))).toEqual([]);
  });

  it('answers 400 but where AWS documents another status', () => {
    const others = Object.entries(ERRORS).filter(([, { status }]) => status !== 400);
    expect(Object.fromEntries(others.map(([name, { status }]) => [name, status]))).toEqual({
      ConflictException: 409,
      ServiceQuotaExceededException: 402,
      InternalFailure: 500,
      RequestEntityTooLargeException: 413,
      RequestTimeoutException: 408,
      ServiceUnavailable: 503,
      UnknownOperationException: 404,
      UnsupportedOperationException: 501,
    });
  });

  it.each<[ErrorName, string, string]>([
    ['ActivityDoesNotExist', 'a', "Activity Does Not Exist: 'a'"],
    ['ExecutionAlreadyExists', 'a', "Execution Already Exists: 'a'"],
    ['ExecutionDoesNotExist', 'a', "Execution Does Not Exist: 'a'"],
    ['InvalidArn', 'Invalid ARN prefix: a', "Invalid Arn: 'Invalid ARN prefix: a'"],
    ['InvalidDefinition', 'a', "Invalid State Machine Definition: 'a'"],
    ['InvalidExecutionInput', 'a', "Invalid State Machine Execution Input: 'a'"],
    ['InvalidName', 'a', "Invalid Name: 'a'"],
    ['InvalidOutput', 'a', "Invalid Output: 'a'"],
    ['ResourceNotFound', 'a', "Resource not found: 'a'"],
    ['StateMachineAlreadyExists', 'a', "State Machine Already Exists: 'a'"],
    ['StateMachineDeleting', 'a', "State Machine is being deleted: 'a'"],
    ['StateMachineDoesNotExist', 'a', "State Machine Does Not Exist: 'a'"],
    ['ValidationException', 'a', 'a'],
  ])('words %s as AWS does', (name, detail, message) => {
    expect(awsError(name, detail)).toMatchObject({ name, message, status: ERRORS[name].status });
  });

  it('gives a ValidationException its reason', () => {
    expect(validationError('a', 'MISSING_REQUIRED_PARAMETER')).toMatchObject({
      name: 'ValidationException',
      members: { reason: 'MISSING_REQUIRED_PARAMETER' },
    });
  });
});
