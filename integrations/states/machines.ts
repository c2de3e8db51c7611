import type { StateMachineStore } from '../../store/state-machine.ts';
import type { WatchedSettings } from '../../telemetry/execution-watch.ts';
import { readLoggingConfiguration } from '../../telemetry/logs/logging-configuration.ts';
import { parseOnce } from './parse-once.ts';

/** Characters of definition text whose parsed machines are kept. */
const DEFINITIONS_LENGTH_MAX = 16 * 1024 * 1024;

/** A revision, as far as running executions of it goes. */
export type RunnableRevision = WatchedSettings;

interface Entry {
  readonly revision: Promise<RunnableRevision>;
  length: number;
}

/** What executions run by, by revision: revisions never change. The least recently used go first. */
export class Machines {
  readonly #stateMachines: Pick<StateMachineStore, 'revision'>;
  readonly #lengthMax: number;
  readonly #entries = new Map<string, Entry>();
  #length = 0;

  constructor(stateMachines: Pick<StateMachineStore, 'revision'>, lengthMax = DEFINITIONS_LENGTH_MAX) {
    this.#stateMachines = stateMachines;
    this.#lengthMax = lengthMax;
  }

  /** @throws Error when there is no such revision, or when this version cannot parse it */
  get(revisionRowId: string): Promise<RunnableRevision> {
    const known = this.#entries.get(revisionRowId);
    if (known !== undefined) {
      this.#entries.delete(revisionRowId);
      this.#entries.set(revisionRowId, known);
      return known.revision;
    }
    const entry = { revision: this.#load(revisionRowId), length: 0 };
    this.#entries.set(revisionRowId, entry);
    entry.revision.catch(() => this.#entries.delete(revisionRowId));
    return entry.revision;
  }

  /** The database may be another one, which gives a known id to another revision. */
  forget(): void {
    this.#entries.clear();
    this.#length = 0;
  }

  async #load(revisionRowId: string): Promise<RunnableRevision> {
    const revision = await this.#stateMachines.revision(revisionRowId);
    if (revision === undefined) throw new Error(`There is no state machine revision ${revisionRowId}`);
    const { definition, type, stateMachineName, loggingConfiguration } = revision;
    const parsed = parseOnce(definition, type);
    if (!parsed.ok) {
      const faults = parsed.diagnostics.map(({ message }) => message).join('; ');
      throw new Error(`Revision ${revisionRowId} of ${stateMachineName} does not parse: ${faults}`);
    }
    this.#account(revisionRowId, definition.length);
    return { machine: parsed.machine, type, logging: readLoggingConfiguration(loggingConfiguration) };
  }

  #account(loadedId: string, length: number): void {
    const loaded = this.#entries.get(loadedId);
    if (loaded === undefined) return;
    loaded.length = length;
    this.#length += length;
    for (const [revisionRowId, oldest] of this.#entries) {
      if (this.#length <= this.#lengthMax) return;
      if (oldest === loaded) continue;
      this.#entries.delete(revisionRowId);
      this.#length -= oldest.length;
    }
  }
}
