/** Secrets of this installation. */

export interface SecretStore {
  /** The secret of this name, the same in every process: made of 32 random bytes when first asked for (base64url). */
  get(name: string): Promise<string>;
}
