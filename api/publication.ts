import { type ArnPlace, qualifiedArn } from '../runtime/execution/arn.ts';
import { type Publication, TooManyVersions, VERSIONS_MAX } from '../store/versioning.ts';
import { awsError } from './errors.ts';

/**
 * What a request that creates or updates a state machine wants to be published of it.
 * @throws AwsError ValidationException
 */
export function readPublication({
  publish = false,
  versionDescription,
}: {
  readonly publish?: boolean | undefined;
  readonly versionDescription?: string | undefined;
}): Publication | undefined {
  if (publish) return { description: versionDescription };
  if (versionDescription !== undefined)
    throw awsError('ValidationException', 'Version description can only be set when publish is true');
  return undefined;
}

/** The ARN of a version as operations answer it that may have published one. */
export function publishedArn(
  place: ArnPlace,
  stateMachineName: string,
  version: number | undefined,
): string | undefined {
  return version === undefined ? undefined : qualifiedArn(place, stateMachineName, version);
}

/** @throws AwsError ServiceQuotaExceededException instead of TooManyVersions */
export async function publishing<Result>(publish: Promise<Result>): Promise<Result> {
  try {
    return await publish;
  } catch (error) {
    if (error instanceof TooManyVersions)
      throw awsError(
        'ServiceQuotaExceededException',
        `A state machine can have at most ${VERSIONS_MAX} versions`,
      );
    throw error;
  }
}
