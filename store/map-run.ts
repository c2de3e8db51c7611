/** Map Runs, as the rest of Statehouse asks for them. */
import type { ArnPlace } from '../runtime/execution/arn.ts';

export interface MapRunStore {
  find(place: ArnPlace, name: MapRunName): Promise<MapRunRecord | undefined>;
  /** Newest first; `before` is the last id of the page before. */
  list(page: { executionId: string; limit: number; before: string | undefined }): Promise<MapRunRecord[]>;
  /** What is undefined stays as it is. False: the Map Run is not running any more. */
  update(id: string, change: MapRunChange): Promise<boolean>;
}

/** What names a Map Run within a place. */
export interface MapRunName {
  readonly stateMachineName: string;
  /** Of the Map state. */
  readonly label: string;
  readonly uuid: string;
}
export interface MapRunRecord extends MapRunName {
  readonly id: string;
  /** Of the execution whose state it is. */
  readonly executionName: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  /** AWS's MapRunItemCounts and MapRunExecutionCounts. */
  readonly itemCounts: unknown;
  readonly executionCounts: unknown;
  readonly redriveCount: number;
  readonly redrivenAt: number | undefined;
}
export type MapRunChange = {
  readonly [Setting in 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage']:
    | number
    | undefined;
};
