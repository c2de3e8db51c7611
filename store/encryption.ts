/** Encryption of what must not be readable in the database: AES-256-GCM under keys that never are in it. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

export interface EncryptionKey {
  readonly secret: KeyObject;
  /** Tells keys apart, and tells nothing else about them. */
  readonly fingerprint: string;
}

export interface Sealed {
  readonly bytes: Buffer;
  /** Fingerprint of the key. */
  readonly under: string;
}

const KEY_FORMAT = /^(?:[0-9a-f]{64}|[\w+/-]{43}=?)$/i;

/**
 * Keys of 32 bytes, in base64 or hex and with commas between them. The first encrypts, all decrypt: so one can be
 * replaced by another.
 * @returns undefined when the text is anything else
 */
export function readEncryptionKeys(text: string): EncryptionKey[] | undefined {
  const keys = text.split(',').map((key) => key.trim());
  if (!keys.every((key) => KEY_FORMAT.test(key))) return undefined;
  return keys.map((key) => encryptionKey(Buffer.from(key, key.length === 64 ? 'hex' : 'base64')));
}

function encryptionKey(bytes: Buffer): EncryptionKey {
  const fingerprint = createHmac('sha256', bytes).update('fingerprint').digest('hex').slice(0, 16);
  return { secret: createSecretKey(bytes), fingerprint };
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param owner what the text belongs to: nobody can put it in another's place */
export function seal(key: EncryptionKey, text: string, owner: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce).setAAD(Buffer.from(owner));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return { bytes: Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]), under: key.fingerprint };
}

/** @throws Error when none of the keys is the right one, or what was sealed has been changed */
export function unseal(keys: readonly EncryptionKey[], { bytes, under }: Sealed, owner: string): string {
  const key = keys.find(({ fingerprint }) => fingerprint === under);
  if (key === undefined)
    throw new Error(
      `${owner} is encrypted under the key ${under}, which STATEHOUSE_ENCRYPTION_KEY does not have`,
    );
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key.secret, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(end));
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, 'utf8') + decipher.final('utf8');
  } catch (error) {
    throw new Error(`${owner} has been changed in the database since it was encrypted`, { cause: error });
  }
}
