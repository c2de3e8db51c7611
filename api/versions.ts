import { awsError } from './errors.ts';

/** @throws AwsError when a request wants a version published, which comes with PublishStateMachineVersion */
export function refuseVersions(input: {
  publish?: boolean | undefined;
  versionDescription?: string | undefined;
}): void {
  if (input.publish) throw awsError('UnsupportedOperationException', 'state machine versions');
  if (input.versionDescription !== undefined)
    throw awsError('ValidationException', 'Version description can only be set when publish is true');
}
