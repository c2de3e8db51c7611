/** What goes wrong, drawn from the seed: faults overlap, and now and then all is quiet so that something can end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASE_FAULTS, type DatabaseFault, FAILOVER } from './database-faults.ts';
import { deal } from './deck.ts';
import type { Dice } from './dice.ts';
import type { Installation, Node } from './installation.ts';
import { NODE_FAULTS, type NodeFault } from './node-faults.ts';
import { Takeovers } from './takeovers.ts';

/** Injected so far, by what they were. */
export type FaultCounts = Readonly<Record<string, number>>;

/** Under way at a time. */
const OVERLAPPING_MAX = 3;
const PAUSE_MS = [100, 1500] as const;
/** One in so many pauses is a long one, after all faults are over. */
const QUIET_CHANCE = 0.1;
const QUIET_MS = 4000;

type Card = readonly [
  name: string,
  fault: { readonly node: NodeFault } | { readonly database: DatabaseFault },
];

const CARDS: readonly Card[] = [
  ...cards(NODE_FAULTS, (node) => ({ node })),
  ...cards(DATABASE_FAULTS, (database) => ({ database })),
];
/** Each once, so that also a short run meets all of them; failover comes then only. */
const FIRST_CARDS: readonly Card[] = [...new Map(CARDS).entries(), ['failover', { database: FAILOVER }]];

export class Nemesis {
  readonly takeovers: Takeovers;
  readonly #installation: Installation;
  readonly #dice: Dice;
  readonly #deck: Generator<Card, never>;
  readonly #postponed: Card[] = [];
  readonly #counts: Record<string, number> = {};
  readonly #underWay = new Map<Node | 'postgres', Promise<void>>();
  readonly #log: (line: string) => void;

  /** @param log is told of each fault */
  constructor(installation: Installation, dice: Dice, log: (line: string) => void) {
    this.#installation = installation;
    this.takeovers = new Takeovers(installation);
    this.#dice = dice;
    this.#deck = deal(FIRST_CARDS, CARDS, dice);
    this.#log = log;
  }

  get counts(): FaultCounts {
    return this.#counts;
  }

  /** Resolves when the signal has aborted and all faults are over. */
  async run(signal: AbortSignal): Promise<void> {
    const dice = this.#dice;
    while (!signal.aborted) {
      await pause(dice.between(...PAUSE_MS), signal);
      if (signal.aborted) break;
      if (dice.chance(QUIET_CHANCE)) {
        await this.#allOver();
        await pause(QUIET_MS, signal);
      } else this.#strike(this.#nextCard());
      if (this.#underWay.size >= OVERLAPPING_MAX) await Promise.race(this.#underWay.values());
    }
    await this.#allOver();
  }

  /** One for Postgres waits while that is struck already. */
  #nextCard(): Card {
    const isDue = (card: Card): boolean => !('database' in card[1] && this.#underWay.has('postgres'));
    const postponed = this.#underWay.has('postgres') ? undefined : this.#postponed.shift();
    if (postponed !== undefined) return postponed;
    for (;;) {
      const card = this.#deck.next().value;
      if (isDue(card)) return card;
      this.#postponed.push(card);
    }
  }

  /** Of the processes, one is taken that is not struck yet. */
  #strike([name, fault]: Card): void {
    const dice = this.#dice;
    if ('database' in fault) {
      this.#begin('postgres', `postgres: ${name}`, () => fault.database(this.#installation, dice));
      return;
    }
    const node = dice.pick(this.#installation.nodes.filter((each) => !this.#underWay.has(each)));
    const { role, name: who } = node.process;
    this.#begin(node, `${name} ${role}`, () => fault.node(node, dice, this.takeovers), who);
  }

  #begin(target: Node | 'postgres', what: string, work: () => Promise<void>, who = 'postgres'): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
    this.#log(`${what} (${who})`);
    this.#underWay.set(
      target,
      work().finally(() => {
        this.#underWay.delete(target);
        this.#log(`over: ${what} (${who})`);
      }),
    );
  }

  async #allOver(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {});
}

function cards<Fault>(
  faults: Readonly<Record<string, readonly [times: number, fault: Fault]>>,
  cardOf: (fault: Fault) => Card[1],
): Card[] {
  return Object.entries(faults).flatMap(([name, [times, fault]]) =>
    Array.from({ length: times }, (): Card => [name, cardOf(fault)]),
  );
}
