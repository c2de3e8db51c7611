import { type Machine, parseDefinition } from '../../runtime/index.ts';
import type { StateMachineStore } from '../../store/store.ts';

/** Characters of definition text whose parsed machines are kept. */
const DEFINITIONS_LENGTH_MAX = 16 * 1024 * 1024;

interface Entry {
  readonly machine: Promise<Machine>;
  length: number;
}

/** Parsed machines by revision: revisions never change. The least recently used go first. */
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
  async get(revisionRowId: string): Promise<Machine> {
    const entry = this.#entries.get(revisionRowId) ?? { machine: this.#load(revisionRowId), length: 0 };
    this.#entries.delete(revisionRowId);
    this.#entries.set(revisionRowId, entry);
    try {
      return await entry.machine;
    } catch (error) {
      this.#entries.delete(revisionRowId);
      throw error;
    }
  }

  async #load(revisionRowId: string): Promise<Machine> {
    const revision = await this.#stateMachines.revision(revisionRowId);
    if (revision === undefined) throw new Error(`There is no state machine revision ${revisionRowId}`);
    const { definition, type, stateMachineName } = revision;
    const parsed = parseDefinition(definition, type);
    if (!parsed.ok) {
      const faults = parsed.diagnostics.map(({ message }) => message).join('; ');
      throw new Error(`Revision ${revisionRowId} of ${stateMachineName} does not parse: ${faults}`);
    }
    this.#account(revisionRowId, definition.length);
    return parsed.machine;
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
