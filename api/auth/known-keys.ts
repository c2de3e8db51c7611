/** API keys as requests need them: without a query for each request, and with their signing keys derived. */
import type { KeyObject } from 'node:crypto';
import { signingKey } from '../../integrations/aws/signature.ts';
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import type { KeyStore } from '../../store/api-key.ts';
import { RecentlyUsed } from '../recently-used.ts';
import { SERVICE } from './verify.ts';

/** A key that is revoked works on for so long at the most. */
const KNOWN_MS = 5_000;
/** A key that is asked for before it is made works after so long at the latest. */
const UNKNOWN_MS = 1_000;
const KEYS_MAX = 10_000;
const ACCESS_KEY_ID = /^AKIA[A-Z2-7]{16}$/;

export class KnownKey {
  readonly place: ArnPlace;
  readonly #secretAccessKey: string;
  readonly #signingKeys = new Map<string, KeyObject>();

  constructor(secretAccessKey: string, place: ArnPlace) {
    this.#secretAccessKey = secretAccessKey;
    this.place = place;
  }

  /** @param date of a signature that is not too old: so there are few of them */
  signingKey(date: string): KeyObject {
    const scope = { date, region: this.place.region, service: SERVICE };
    const key = this.#signingKeys.get(date) ?? signingKey(this.#secretAccessKey, scope);
    this.#signingKeys.set(date, key);
    return key;
  }
}

interface Answer {
  readonly key: KnownKey | undefined;
  /** When it was asked for, ms since 1970. */
  readonly at: number;
}

/** A flood of unknown keys neither becomes one of queries nor drives out those that are in use. */
export class KnownKeys {
  readonly #store: Pick<KeyStore, 'find'>;
  readonly #now: () => number;
  readonly #known = new RecentlyUsed<Answer>(KEYS_MAX);
  readonly #unknown = new RecentlyUsed<Answer>(KEYS_MAX);
  readonly #asked = new Map<string, Promise<Answer>>();

  constructor(store: Pick<KeyStore, 'find'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Undefined: there is no such key. @throws what {@link KeyStore.find} throws */
  async find(accessKeyId: string): Promise<KnownKey | undefined> {
    if (!ACCESS_KEY_ID.test(accessKeyId)) return undefined;
    const answer =
      this.#fresh(this.#known.get(accessKeyId), KNOWN_MS) ??
      this.#fresh(this.#unknown.get(accessKeyId), UNKNOWN_MS) ??
      (await (this.#asked.get(accessKeyId) ?? this.#ask(accessKeyId)));
    return answer.key;
  }

  /** An answer from the future, before the clock was set back, could stay for long. */
  #fresh(answer: Answer | undefined, forMs: number): Answer | undefined {
    const age = this.#now() - (answer?.at ?? 0);
    return age >= 0 && age < forMs ? answer : undefined;
  }

  #ask(accessKeyId: string): Promise<Answer> {
    const answer = this.#load(accessKeyId).finally(() => this.#asked.delete(accessKeyId));
    this.#asked.set(accessKeyId, answer);
    return answer;
  }

  async #load(accessKeyId: string): Promise<Answer> {
    const at = this.#now();
    const found = await this.#store.find(accessKeyId);
    const answer = { key: found && new KnownKey(found.secretAccessKey, found.place), at };
    (found === undefined ? this.#unknown : this.#known).set(accessKeyId, answer);
    return answer;
  }
}
