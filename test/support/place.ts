import type { ArnPlace } from '../../runtime/execution/arn.ts';

/** Where the things of tests are, unless a test is about places. */
export const PLACE: ArnPlace = { partition: 'aws', region: 'us-east-1', accountId: '000000000000' };
