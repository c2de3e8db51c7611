import { findStateUnderTest, formatDiagnostics, type StateUnderTest } from '../../runtime/index.ts';
import { AwsError, awsError } from '../errors.ts';
import type { Input } from '../model/shapes.ts';

/** @throws AwsError InvalidDefinition, or ValidationException where the definition has no state of that name */
export function readSubject({ definition, stateName }: Input<'TestState'>): StateUnderTest {
  const found = findStateUnderTest(definition, stateName);
  if (found.kind === 'found') return found.subject;
  if (found.kind === 'invalid') throw awsError('InvalidDefinition', formatDiagnostics(found.diagnostics));
  throw awsError('ValidationException', 'State not found in definition');
}

/** What can be tested without a mock. @throws AwsError InvalidDefinition or ValidationException */
export function checkUnmocked({ roleArn }: Input<'TestState'>, { state }: StateUnderTest): void {
  if (state.type === 'Map' || state.type === 'Parallel')
    throw unsupported(
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  if (state.type !== 'Task') return;
  const { resource } = state;
  if (resource.kind === 'activity')
    throw unsupported('TestState API does not support Activity tasks when a mock is not specified.');
  if (resource.kind === 'service' && resource.pattern !== 'REQUEST_RESPONSE')
    throw unsupported(
      `TestState API does not support the '.sync' and '.waitForTaskToken' service integration patterns when a mock is not specified.`,
    );
  if (roleArn === undefined)
    throw awsError('ValidationException', 'RoleArn must be specified when testing a Task state');
}

/** As recorded, without the words that other faults of a definition begin with. */
function unsupported(message: string): AwsError {
  return new AwsError('InvalidDefinition', message, {});
}
