import { type MachineType, type ParsedDefinition, parseDefinition } from '../runtime/index.ts';

/** A definition as it was stored, once and for all: revisions never change. */
export interface Revision {
  readonly revisionRowId: string;
  /** Of the state machine. */
  readonly name: string;
  readonly definition: string;
  readonly type: MachineType;
}

/** What is read from the definitions of revisions, which are parsed for it once; the least recently used are forgotten. */
export class RevisionFacts<Fact> {
  readonly #read: (parsed: ParsedDefinition, revision: Revision) => Fact;
  readonly #revisionsMax: number;
  readonly #facts = new Map<string, Fact>();

  constructor(read: (parsed: ParsedDefinition, revision: Revision) => Fact, revisionsMax: number) {
    this.#read = read;
    this.#revisionsMax = revisionsMax;
  }

  /** @throws what `read` throws */
  of(revision: Revision): Fact {
    const { revisionRowId, definition, type } = revision;
    const fact = this.#facts.has(revisionRowId)
      ? (this.#facts.get(revisionRowId) as Fact)
      : this.#read(parseDefinition(definition, type), revision);
    this.#facts.delete(revisionRowId);
    this.#facts.set(revisionRowId, fact);
    const [oldest] = this.#facts.keys();
    if (oldest !== undefined && this.#facts.size > this.#revisionsMax) this.#facts.delete(oldest);
    return fact;
  }
}
