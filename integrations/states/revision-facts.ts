import type { MachineType, ParsedDefinition } from '../../runtime/index.ts';
import { parseOnce } from './parse-once.ts';

/** A definition as it was stored, once and for all: revisions never change. */
export interface Revision {
  readonly stateMachineName: string;
  readonly definition: string;
  readonly type: MachineType;
  readonly tracingConfiguration: unknown;
}

/** What is read from the definitions of revisions, which are parsed for it once; the least recently used are forgotten. */
export class RevisionFacts<Fact> {
  readonly #read: (parsed: ParsedDefinition, revision: Revision) => Fact;
  readonly #revisionsMax: number;
  readonly #facts = new Map<string, Promise<Fact>>();

  constructor(read: (parsed: ParsedDefinition, revision: Revision) => Fact, revisionsMax: number) {
    this.#read = read;
    this.#revisionsMax = revisionsMax;
  }

  /**
   * @param load called only if the fact is not known; callers at the same moment share it
   * @throws what `read` and `load` throw
   */
  of(revisionRowId: string, load: () => Revision | Promise<Revision>): Promise<Fact> {
    const known = this.#facts.get(revisionRowId);
    if (known !== undefined) {
      this.#facts.delete(revisionRowId);
      this.#facts.set(revisionRowId, known);
      return known;
    }
    const fact = this.#load(load);
    this.#facts.set(revisionRowId, fact);
    const [oldest] = this.#facts.keys();
    if (oldest !== undefined && this.#facts.size > this.#revisionsMax) this.#facts.delete(oldest);
    fact.catch(() => {
      if (this.#facts.get(revisionRowId) === fact) this.#facts.delete(revisionRowId);
    });
    return fact;
  }

  async #load(load: () => Revision | Promise<Revision>): Promise<Fact> {
    const revision = await load();
    return this.#read(parseOnce(revision.definition, revision.type), revision);
  }
}
