import { validationError } from '../errors.ts';
import { findMapRun } from '../map-runs.ts';
import type { Operation } from './operation.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html */
export const updateMapRun: Operation<'UpdateMapRun'> = async (input, context) => {
  const { mapRunArn: arn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = input;
  const { id } = await findMapRun(context, arn);
  const change = { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage };
  if (Object.values(change).every((value) => value === undefined))
    throw validationError(
      "One of 'maxConcurrency', 'toleratedFailureCount' and 'toleratedFailurePercentage' must be specified",
      'MISSING_REQUIRED_PARAMETER',
    );
  if (!(await context.store.mapRuns.update(id, change)))
    throw validationError(
      `The Map Run has ended and cannot be updated: '${arn}'`,
      'CANNOT_UPDATE_COMPLETED_MAP_RUN',
    );
  return {};
};
