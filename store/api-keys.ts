/** API keys: drawn here, and encrypted before they are written. */
import { randomBytes } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { ApiKey, KeyStore, NewApiKey, SecretApiKey } from './api-key.ts';
import type { Database } from './database.ts';
import { type EncryptionKey, seal, unseal } from './encryption.ts';
import { quoteText, unquoteText } from './free-text.ts';
import { GroupCommit } from './group-commit.ts';
import { placeText, readPlace } from './place.ts';
import type { Tables } from './tables.ts';

type ApiKeyRow = Selectable<Tables['api_keys']>;

/** Base64 makes 40 characters of them, as many as AWS's secrets have. */
const SECRET_BYTES = 30;

/** In one query. */
const KEYS_MAX = 500;

export function keyStore(database: Database, encryptionKeys: readonly EncryptionKey[]): KeyStore {
  const rows = new GroupCommit<string, ApiKeyRow | undefined>({
    maxEntries: KEYS_MAX,
    maxBytes: Number.POSITIVE_INFINITY,
    key: (accessKeyId) => accessKeyId,
    bytes: () => 0,
    write: (accessKeyIds) => findRows(database, accessKeyIds),
    isFaultOfEntry: () => false,
  });
  return {
    create: (key) => create(database, encryptionKeys, key),
    async find(accessKeyId) {
      const row = await rows.submit(accessKeyId);
      return row && readWithSecret(row, encryptionKeys);
    },
    list: () => list(database),
    revoke: (accessKeyId) => revoke(database, accessKeyId),
    check: () => check(database, encryptionKeys),
  };
}

async function create(
  database: Database,
  [encryptionKey]: readonly EncryptionKey[],
  { place, description }: NewApiKey,
): Promise<SecretApiKey> {
  if (encryptionKey === undefined) throw new Error(NO_ENCRYPTION_KEY);
  const accessKeyId = drawAccessKeyId();
  const secretAccessKey = randomBytes(SECRET_BYTES).toString('base64');
  const { bytes, under } = seal(encryptionKey, secretAccessKey, accessKeyId);
  const row = await database
    .insertInto('api_keys')
    .values({
      access_key_id: accessKeyId,
      place: placeText(place),
      description: quoteText(description),
      sealed_secret: bytes,
      sealed_under: under,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...read(row), secretAccessKey };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** AWS's form: what looks for leaked keys finds ours too. */
function drawAccessKeyId(): string {
  return `AKIA${Array.from(randomBytes(16), (byte) => BASE32[byte % BASE32.length]).join('')}`;
}

async function findRows(
  database: Database,
  accessKeyIds: readonly string[],
): Promise<(ApiKeyRow | undefined)[]> {
  const rows = await database
    .selectFrom('api_keys')
    .selectAll()
    .where('access_key_id', 'in', accessKeyIds)
    .where('revoked_at', 'is', null)
    .execute();
  const found = new Map(rows.map((row) => [row.access_key_id, row]));
  return accessKeyIds.map((accessKeyId) => found.get(accessKeyId));
}

async function list(database: Database): Promise<ApiKey[]> {
  const rows = await database
    .selectFrom('api_keys')
    .selectAll()
    .orderBy('created_at')
    .orderBy('access_key_id')
    .execute();
  return rows.map(read);
}

async function revoke(database: Database, accessKeyId: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('api_keys')
    .set({ revoked_at: sql`statehouse.now()`, sealed_secret: null })
    .where('access_key_id', '=', accessKeyId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const NO_ENCRYPTION_KEY =
  'STATEHOUSE_ENCRYPTION_KEY is not set; expected 32 bytes in base64 or hex, such as "openssl rand -base64 32" prints.';

async function check(
  database: Database,
  encryptionKeys: readonly EncryptionKey[],
): Promise<string | undefined> {
  if (encryptionKeys.length === 0) return NO_ENCRYPTION_KEY;
  const fingerprints = encryptionKeys.map(({ fingerprint }) => fingerprint);
  const [unreadable] = await database
    .selectFrom('api_keys')
    .select(['access_key_id', 'sealed_under'])
    .where('revoked_at', 'is', null)
    .where('sealed_under', 'not in', fingerprints)
    .limit(1)
    .execute();
  if (unreadable === undefined) return undefined;
  return (
    `STATEHOUSE_ENCRYPTION_KEY (${fingerprints.join(', ')}) is not what API key ${unreadable.access_key_id} is encrypted ` +
    `under (${unreadable.sealed_under}): add that key behind a comma, or revoke the API key.`
  );
}

function read(row: ApiKeyRow): ApiKey {
  return {
    accessKeyId: row.access_key_id,
    place: readPlace(row.place),
    description: unquoteText(row.description),
    createdAt: row.created_at.getTime(),
    revokedAt: row.revoked_at?.getTime(),
  };
}

/** @throws Error when the secret cannot be decrypted */
function readWithSecret(row: ApiKeyRow, encryptionKeys: readonly EncryptionKey[]): SecretApiKey | undefined {
  const { access_key_id: accessKeyId, sealed_secret: bytes, sealed_under: under } = row;
  if (bytes === null) return undefined;
  return { ...read(row), secretAccessKey: unseal(encryptionKeys, { bytes, under }, accessKeyId) };
}
