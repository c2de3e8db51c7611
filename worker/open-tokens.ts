import { type Effect, type Execution, type Machine, openTasks } from '../runtime/index.ts';
import type { Append, OpenToken } from '../store/lease.ts';

type Changes = Pick<Append, 'openTokens' | 'closedTokens'>;

const UNCHANGED: Changes = { openTokens: [], closedTokens: [] };

/** The task tokens of a live execution that still take an answer. */
export class OpenTokens {
  readonly #machine: Machine;
  readonly #execution: Execution;
  /** By the Scheduled event's id. */
  readonly #tokens = new Map<number, string>();

  constructor(machine: Machine, execution: Execution) {
    this.#machine = machine;
    this.#execution = execution;
    for (const { scheduledEventId, token } of openTasks(machine, execution))
      if (token !== undefined) this.#tokens.set(scheduledEventId, token);
  }

  /**
   * What has changed since it was asked last, now that the execution has moved on.
   * @param effects of the steps it made: what begins a task opens its token
   * @param activityIds by ARN
   */
  changes(effects: readonly Effect[], activityIds: ReadonlyMap<string, string>): Changes {
    if (this.#tokens.size === 0 && !effects.some(hasToken)) return UNCHANGED;
    const openIds = new Set(openTasks(this.#machine, this.#execution).map((task) => task.scheduledEventId));
    const closed = [...this.#tokens].filter(([scheduledEventId]) => !openIds.has(scheduledEventId));
    for (const [scheduledEventId] of closed) this.#tokens.delete(scheduledEventId);
    const begun = effects.flatMap((effect) => (effect.kind === 'CancelTask' ? [] : effect.task));
    const opened = begun.flatMap((task): OpenToken[] => {
      const { token, scheduledEventId, resource, input, trace } = task;
      if (token === undefined || !openIds.has(scheduledEventId)) return [];
      const activityId = activityIds.get(resource.arn);
      const activityTask = activityId === undefined ? undefined : { activityId, input: input.text, trace };
      return [{ token, scheduledEventId, activityTask }];
    });
    for (const { token, scheduledEventId } of opened) this.#tokens.set(scheduledEventId, token);
    return { openTokens: opened, closedTokens: closed.map(([, token]) => token) };
  }
}

function hasToken(effect: Effect): boolean {
  return effect.kind !== 'CancelTask' && effect.task.token !== undefined;
}
