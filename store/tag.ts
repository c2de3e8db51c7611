/** Tags of state machines and activities. */

export interface TagStore {
  /**
   * Adds tags, or changes the values of those that are there; a state machine's cap changes with them. Nothing is changed when the resource would have more
   * than `maximum` (`tooMany`), or does not exist any more (`gone`).
   */
  add(resource: TaggedResource, tags: readonly Tag[], maximum: number): Promise<'added' | 'tooMany' | 'gone'>;
  /** Keys that are not there are no error. */
  remove(resource: TaggedResource, keys: readonly string[]): Promise<void>;
}
export interface Tag {
  readonly key: string;
  readonly value: string;
}
/** The kinds of resources that can have tags. */
export interface TaggedResource {
  readonly type: 'stateMachine' | 'activity';
  readonly id: string;
}
