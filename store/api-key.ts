/** API keys. */
import type { ArnPlace } from '../runtime/execution/arn.ts';

export interface KeyStore {
  /** Draws a new key. @throws Error when the store was opened without an encryption key */
  create(key: NewApiKey): Promise<SecretApiKey>;
  /**
   * Undefined: no such key, or it was revoked. Lookups that are made at the same moment are one query.
   * @throws Error when its secret is encrypted under a key that the store does not have
   */
  find(accessKeyId: string): Promise<SecretApiKey | undefined>;
  /** All, also those that were revoked, in the order in which they were made. */
  list(): Promise<ApiKey[]>;
  /** For ever: its secret is erased. False: no such key, or it was revoked before. */
  revoke(accessKeyId: string): Promise<boolean>;
  /** Undefined: new keys can be encrypted, and all that are there decrypted. Else what is wrong, and what to do. */
  check(): Promise<string | undefined>;
}
export interface NewApiKey {
  /** Where those who sign with it act. */
  readonly place: ArnPlace;
  readonly description: string | undefined;
}
export interface ApiKey extends NewApiKey {
  readonly accessKeyId: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}
export interface SecretApiKey extends ApiKey {
  readonly secretAccessKey: string;
}
