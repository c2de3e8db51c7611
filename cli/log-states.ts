import type { LogRecord } from '../telemetry/logs/log-record.ts';
import { EXECUTION_END } from './follow.ts';

/** Executions whose records are kept in mind; of others that are still at it, states may be missing. */
const EXECUTIONS_MAX = 1000;

/** Which state a record is about: few say so, the others chain to one that does. */
export class LogStates {
  /** By execution, then by event. */
  readonly #known = new Map<string, Map<string, string>>();

  /** Empty: it is about the execution itself, or nobody can tell. To be called for each record, in their order. */
  stateOf({ execution_arn, id, previous_event_id, type, details }: LogRecord): string {
    if (type.startsWith('Execution')) {
      if (EXECUTION_END.test(type)) this.#known.delete(execution_arn);
      return '';
    }
    const states = this.#statesOf(execution_arn);
    const state = typeof details.name === 'string' ? details.name : (states.get(previous_event_id) ?? '');
    states.set(id, state);
    return state;
  }

  #statesOf(executionArn: string): Map<string, string> {
    const known = this.#known.get(executionArn);
    if (known !== undefined) return known;
    const states = new Map<string, string>();
    this.#known.set(executionArn, states);
    const [oldest] = this.#known.keys();
    if (this.#known.size > EXECUTIONS_MAX && oldest !== undefined) this.#known.delete(oldest);
    return states;
  }
}
