/** Map Runs as operations find them. */
import { isSamePlace } from '../runtime/execution/arn.ts';
import type { MapRunName, MapRunRecord } from '../store/map-run.ts';
import { parse } from './arns.ts';
import { awsError } from './errors.ts';
import type { OperationContext } from './operations/operation.ts';

/** `order/items:6d5a…`: state machine, label, id. */
const RESOURCE = /^([^:/]+)\/([^:/]+):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** @throws AwsError InvalidArn, ResourceNotFound */
export async function findMapRun({ store, place }: OperationContext, arn: string): Promise<MapRunRecord> {
  const parsed = parse(arn, 'mapRun');
  const match = RESOURCE.exec(parsed.resource);
  const found =
    match && isSamePlace(parsed, place) ? await store.mapRuns.find(place, readName(match)) : undefined;
  if (found === undefined) throw awsError('ResourceNotFound', arn);
  return found;
}

function readName([, stateMachineName = '', label = '', uuid = '']: readonly string[]): MapRunName {
  return { stateMachineName, label, uuid };
}
