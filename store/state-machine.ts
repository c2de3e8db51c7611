/** State machines, as the rest of Statehouse asks for them. */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { Tag } from './tag.ts';
import type { Publication } from './versioning.ts';

export interface StateMachineStore {
  /** Creates, or answers the one that has the name already, with its own settings and tags. */
  create(machine: NewStateMachine): Promise<{ created: boolean; machine: StateMachineRecord }>;
  /**
   * A new revision (or, when nothing changed, the current one), published if `publication` is given; nothing of it
   * happens to a machine that is being deleted. Undefined: no such machine.
   * @throws TooManyVersions
   */
  update(
    place: ArnPlace,
    name: string,
    change: StateMachineChange,
    publication?: Publication,
  ): Promise<UpdatedStateMachine | undefined>;
  find(place: ArnPlace, name: string): Promise<StateMachineRecord | undefined>;
  /** What a start through the machine itself, a version or an alias needs to know; undefined: there is none. */
  startRecord(place: ArnPlace, name: string, qualifier: StartQualifier): Promise<StartRecord | undefined>;
  /** The revision an execution runs; revisions never change. */
  revision(revisionId: string): Promise<RevisionRecord | undefined>;
  /** How many there are, but no more than `maximum`. */
  count(place: ArnPlace, maximum: number): Promise<number>;
  /** Ascending by creation; `after` is the last id of the page before. */
  list(page: { place: ArnPlace; limit: number; after: string | undefined }): Promise<StateMachineRecord[]>;
  /**
   * Marks the machine DELETING; it goes away at once when no execution of it is open, otherwise with the end of the
   * last one (which ends as ABORTED at its next transition).
   */
  delete(place: ArnPlace, name: string): Promise<void>;
}

export interface NewStateMachine extends StateMachineSettings {
  /** Names are unique within a place; who acts in one does not see another. */
  readonly place: ArnPlace;
  readonly name: string;
  readonly type: MachineType;
  /** Absent: none. */
  readonly tags?: readonly Tag[];
  /** Its first revision becomes version 1. */
  readonly publication?: Publication | undefined;
}
export interface StateMachineSettings {
  readonly definition: string;
  readonly roleArn: string;
  /** AWS's objects, kept and returned as they are. */
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}
export type StateMachineChange = Partial<StateMachineSettings>;

export interface StateMachineRecord extends NewStateMachine {
  readonly id: string;
  /** By key. */
  readonly tags: readonly Tag[];
  readonly status: 'ACTIVE' | 'DELETING';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The current revision's row. */
  readonly revisionRowId: string;
  /** AWS's `revisionId` (a UUID); undefined for the first revision. */
  readonly revisionId: string | undefined;
}
export interface UpdatedStateMachine extends StateMachineRecord {
  /** The number under which the current revision is published, if that was asked for. */
  readonly publishedVersion: number | undefined;
}
export interface RevisionRecord {
  readonly rowId: string;
  readonly stateMachineName: string;
  readonly type: MachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId: string | undefined;
  readonly createdAt: number;
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}

/** A version's number or an alias; neither: the machine itself. */
export interface StartQualifier {
  readonly version?: number | undefined;
  readonly alias?: string | undefined;
}
export interface StartRecord {
  /** When it was read, by the database's clock: ms since 1970. */
  readonly time: number;
  readonly stateMachineId: string;
  readonly type: MachineType;
  readonly status: 'ACTIVE' | 'DELETING';
  /** By key. */
  readonly tags: readonly Tag[];
  /** One; of an alias those that share its starts, in its order. */
  readonly routes: readonly StartRoute[];
}
export interface StartRoute {
  /** Undefined: the machine as it is. */
  readonly version: number | undefined;
  readonly weight: number;
  readonly revisionRowId: string;
  readonly roleArn: string;
}
