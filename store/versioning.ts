/** Versions and aliases of state machines, as the rest of Statehouse asks for them. */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { RevisionRecord } from './state-machine.ts';

export interface VersionStore {
  /**
   * Gives the current revision a number, or answers the version of it that is there.
   * @throws TooManyVersions
   */
  publish(place: ArnPlace, name: string, publication: RevisionPublication): Promise<PublishOutcome>;
  find(place: ArnPlace, name: string, number: number): Promise<VersionRecord | undefined>;
  /** Newest first; `before` is the last number of the page before. */
  list(page: {
    stateMachineId: string;
    limit: number;
    before: number | undefined;
  }): Promise<VersionSummary[]>;
  /**
   * Deletes a version unless aliases route to it, and answers their names. One that is not there is no error; the
   * executions that were started through it go on.
   */
  delete(place: ArnPlace, name: string, number: number): Promise<{ aliases: readonly string[] }>;
}

export interface Publication {
  readonly description: string | undefined;
}
export interface RevisionPublication extends Publication {
  /** What the current revision must be: its `revisionId`, {@link INITIAL_REVISION} or undefined for any. */
  readonly revisionId: string | undefined;
}
/** What AWS calls the first revision, which has no id. */
export const INITIAL_REVISION = 'INITIAL';

export interface VersionSummary {
  readonly number: number;
  readonly createdAt: number;
}
export interface VersionRecord extends RevisionRecord {
  readonly number: number;
  readonly publishedAt: number;
  readonly description: string | undefined;
  /** Of the machine. */
  readonly status: 'ACTIVE' | 'DELETING';
}
export type PublishOutcome =
  | { readonly kind: 'published'; readonly version: VersionSummary }
  | { readonly kind: 'otherRevision'; readonly current: string }
  | { readonly kind: 'deleting' }
  | { readonly kind: 'gone' };

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const VERSIONS_MAX = 1000;
export const ALIASES_MAX = 100;

/** A state machine has {@link VERSIONS_MAX} versions; nothing of what would have published another one has happened. */
export class TooManyVersions extends Error {
  override readonly name = 'TooManyVersions';
}

export interface AliasStore {
  /** Answers the one that has the name, if it has the same description and routes. */
  create(place: ArnPlace, stateMachineName: string, alias: NewAlias): Promise<CreateAliasOutcome>;
  /** What is undefined stays as it is. `missing`: the machine, a version or the alias is not there. */
  update(
    place: ArnPlace,
    stateMachineName: string,
    change: AliasChange,
  ): Promise<AliasRecord | 'missing' | 'deleting'>;
  find(place: ArnPlace, stateMachineName: string, name: string): Promise<AliasRecord | undefined>;
  /** By name; with `version` those that route to it; `after` is the last name of the page before. */
  list(page: {
    stateMachineId: string;
    version: number | undefined;
    limit: number;
    after: string | undefined;
  }): Promise<AliasSummary[]>;
  /** One that is not there is no error. */
  delete(place: ArnPlace, stateMachineName: string, name: string): Promise<void>;
}

export interface AliasRoute {
  readonly version: number;
  /** Percent of the starts. */
  readonly weight: number;
}
export interface NewAlias extends Publication {
  readonly name: string;
  readonly routes: readonly AliasRoute[];
}
export interface AliasChange {
  readonly name: string;
  readonly description: string | undefined;
  readonly routes: readonly AliasRoute[] | undefined;
}
export interface AliasSummary {
  readonly name: string;
  readonly createdAt: number;
}
export interface AliasRecord extends NewAlias {
  readonly createdAt: number;
  readonly updatedAt: number;
}
export type CreateAliasOutcome =
  | { readonly kind: 'done'; readonly alias: AliasRecord }
  /** Of that name there is another one. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'tooMany' }
  /** The machine or a version is not there. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'deleting' };
