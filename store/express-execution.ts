/** Asynchronous Express executions. */

export interface ExpressStore {
  /** Group-committed, and durable once it is answered: from then on the execution runs to an end at least once. */
  start(execution: NewExpressExecution): Promise<'started' | 'deleting'>;
  /** Up to `limit` executions that nobody runs: state machines take turns. They are the worker's until it is gone. */
  claim(workerId: string, limit: number): Promise<ClaimedExpress[]>;
  /** All that the worker has claimed and not finished: also what it does not know of, because a claim was not answered. */
  owned(workerId: string): Promise<ClaimedExpress[]>;
  /** Group-committed: the execution has ended. Nothing, if it is not the worker's any more. */
  finish(id: string, workerId: string): Promise<void>;
  /** Gives an execution back, to be run again after a while; with a strike, if it met a fault. */
  rest(id: string, workerId: string, restMs: number, strikes: 0 | 1): Promise<void>;
}
export interface NewExpressExecution {
  /** UUID, version 7: those of a state machine are run in its order. */
  readonly id: string;
  readonly stateMachineId: string;
  readonly revisionRowId: string;
  /** The ExecutionStarted event, encoded. */
  readonly body: string;
}
export interface ClaimedExpress extends Omit<NewExpressExecution, 'stateMachineId'> {
  /** It has had its last strike, and is only to be ended. */
  readonly isGivenUp: boolean;
}
