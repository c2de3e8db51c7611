/** Slots of state machines that have a cap. */

/** Slots are given by the transactions that start and end executions; this is for what they leave undone. */
export interface SlotStore {
  /** The cap of state machines whose tags name none; undefined: they have none. */
  setDefaultCap(maximum: number | undefined): Promise<void>;
  /**
   * Enters open executions that began before their state machine had a cap, a batch of them; until all are, none gets
   * a slot. Answers how many.
   */
  count(): Promise<number>;
  /** Gives free slots to executions that wait for one, a batch of them. Answers how many. */
  fill(): Promise<number>;
}
