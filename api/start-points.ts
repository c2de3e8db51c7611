import { type Machine, parseDefinition } from '../runtime/index.ts';
import type { StateMachineRecord } from '../store/store.ts';

/** What starting an execution needs of its definition. */
export type StartPoint = Pick<Machine, 'startAt' | 'timeoutSeconds'>;

const REVISIONS_MAX = 10_000;

/** Start points of revisions, which never change; the least recently used are forgotten. */
export class StartPoints {
  readonly #byRevision = new Map<string, StartPoint>();

  /** @throws Error when this version cannot parse a definition that was accepted once */
  of({ revisionRowId, definition, type, name }: StateMachineRecord): StartPoint {
    const known = this.#byRevision.get(revisionRowId);
    if (known) this.#byRevision.delete(revisionRowId);
    const startPoint = known ?? parse(name, definition, type);
    this.#byRevision.set(revisionRowId, startPoint);
    const [oldest] = this.#byRevision.keys();
    if (oldest !== undefined && this.#byRevision.size > REVISIONS_MAX) this.#byRevision.delete(oldest);
    return startPoint;
  }
}

function parse(name: string, definition: string, type: StateMachineRecord['type']): StartPoint {
  const parsed = parseDefinition(definition, type);
  if (!parsed.ok) throw new Error(`The definition of state machine ${name} does not parse any more`);
  const { startAt, timeoutSeconds } = parsed.machine;
  return { startAt, timeoutSeconds };
}
