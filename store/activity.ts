/** Activities and their tasks, as the rest of Statehouse asks for them. */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ActivityTaskText } from './activity-task-text.ts';
import type { Tag } from './tag.ts';

export interface ActivityStore {
  /** Creates, or answers the one that has the name already, with its own settings and tags. */
  create(activity: NewActivity): Promise<{ created: boolean; activity: ActivityRecord }>;
  find(place: ArnPlace, name: string): Promise<ActivityRecord | undefined>;
  /** The activity's id; undefined: no such activity. Those who ask at the same moment share a query. */
  idOf(place: ArnPlace, name: string): Promise<string | undefined>;
  /** How many there are, but no more than `maximum`. */
  count(place: ArnPlace, maximum: number): Promise<number>;
  /** Ascending by creation; `after` is the last id of the page before. */
  list(page: { place: ArnPlace; limit: number; after: string | undefined }): Promise<ActivityRecord[]>;
  /** Nobody can take its tasks any more; they wait until their time is over. */
  delete(place: ArnPlace, name: string): Promise<void>;
  /**
   * Hands tasks to workers, first come, first served: of tasks, and of workers in the order given. What is taken is
   * started: it is never handed out again, also if the answer of this call is lost.
   */
  take(workers: readonly WaitingWorker[]): Promise<Taken>;
  /** Those of the activities that a worker should not wait for now: they have tasks, or do not exist. */
  haveNews(activityIds: readonly string[]): Promise<string[]>;
  /**
   * Calls back with activities that have got tasks, or were deleted; 'all' when anything may have been missed.
   * Advisory, may be lost. Answers how to end it.
   * @throws what the database throws when it cannot begin
   */
  listen(news: (activityId: string | 'all') => void): Promise<() => Promise<void>>;
}

export interface NewActivity {
  readonly place: ArnPlace;
  readonly name: string;
  /** AWS's object, kept and returned as it is. */
  readonly encryptionConfiguration: unknown;
  /** Absent: none. */
  readonly tags?: readonly Tag[];
}
export interface ActivityRecord extends NewActivity {
  readonly id: string;
  /** By key. */
  readonly tags: readonly Tag[];
  readonly createdAt: number;
}
export interface WaitingWorker {
  readonly activityId: string;
  readonly workerName: string | undefined;
}
export interface Taken {
  /** For each worker; undefined: there was none for it. */
  readonly tasks: readonly (ActivityTask | undefined)[];
  /** Activities of which there may be more tasks than workers were given. */
  readonly unexhausted: readonly string[];
  /** Activities that do not exist (any more). */
  readonly missing: readonly string[];
}
export interface ActivityTask extends ActivityTaskText {
  readonly token: string;
}
