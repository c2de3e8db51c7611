/** API keys, which requests are signed with: docs/security.md. */
import { Command } from 'commander';
import type { ApiKey, KeyStore, SecretApiKey } from '../../store/api-key.ts';
import { createLogger } from '../../telemetry/log.ts';
import { CommandError } from '../command-error.ts';
import { type Config, placeOf, readConfig, requireDatabaseUrl } from '../config.ts';
import { openCurrentStore } from '../current-store.ts';
import { abbreviate, print, printJson, printTable } from '../terminal.ts';
import { dateTime } from '../time.ts';

const DESCRIPTION_LENGTH = 40;

interface CreateFlags {
  readonly description?: string;
  readonly account?: string;
  readonly region?: string;
  readonly json?: boolean;
}

export function keysCommand(): Command {
  const keys = new Command('keys').description('make, list and revoke API keys (needs DATABASE_URL)');
  keys
    .command('create')
    .description('make a key and show its secret, this once (needs STATEHOUSE_ENCRYPTION_KEY)')
    .option('--description <text>', 'what it is for')
    .option('--account <id>', 'account it acts in (default: 000000000000, or STATEHOUSE_ACCOUNT_ID)')
    .option('--region <name>', 'region it acts in (default: us-east-1, or STATEHOUSE_REGION)')
    .option('--json', 'print JSON')
    .action(create);
  keys
    .command('list')
    .description('list all keys, also those that are revoked')
    .option('--json', 'print JSON')
    .action(list);
  keys
    .command('revoke')
    .description('end a key for ever; API processes that have just seen it take it for 5 seconds more')
    .argument('<access-key-id>')
    .option('--json', 'print JSON')
    .action(revoke);
  return keys;
}

async function create({ description, account, region, json }: CreateFlags): Promise<void> {
  const env = {
    ...process.env,
    ...(account !== undefined && { STATEHOUSE_ACCOUNT_ID: account }),
    ...(region !== undefined && { STATEHOUSE_REGION: region }),
  };
  const key = await withKeys(env, async (keys, config) => {
    const problem = await keys.check();
    if (problem !== undefined) throw new CommandError(problem);
    return keys.create({ place: placeOf(config), description });
  });
  if (json) return printJson({ ...shown(key), secretAccessKey: key.secretAccessKey });
  printCredentials(key);
}

/** As a shell or an env file takes them. */
function printCredentials({ accessKeyId, secretAccessKey, place }: SecretApiKey): void {
  print(`AWS_ACCESS_KEY_ID=${accessKeyId}`);
  print(`AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  print(`AWS_REGION=${place.region}`);
  console.error(`acts in account ${place.accountId}; the secret cannot be shown again`);
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const keys = await withKeys(process.env, (store) => store.list());
  if (json) return printJson({ keys: keys.map(shown) });
  if (keys.length === 0) return print('no API keys yet: "statehouse keys create" makes one');
  printTable(
    ['ACCESS KEY ID', 'ACCOUNT', 'REGION', 'CREATED', 'REVOKED', 'DESCRIPTION'],
    keys.map(({ accessKeyId, place, createdAt, revokedAt, description = '' }) => [
      accessKeyId,
      place.accountId,
      place.region,
      dateTime(createdAt / 1000),
      revokedAt === undefined ? '' : dateTime(revokedAt / 1000),
      abbreviate(description, DESCRIPTION_LENGTH),
    ]),
  );
}

async function revoke(accessKeyId: string, { json }: { json?: boolean }): Promise<void> {
  const isRevoked = await withKeys(process.env, (keys) => keys.revoke(accessKeyId));
  if (!isRevoked)
    throw new CommandError(
      `There is no API key ${accessKeyId} that could be revoked; "statehouse keys list" shows them all.`,
    );
  if (json) printJson({ accessKeyId });
  else print(`revoked ${accessKeyId}`);
}

function shown({ accessKeyId, place, description, createdAt, revokedAt }: ApiKey) {
  return {
    accessKeyId,
    ...place,
    description,
    createdAt: new Date(createdAt),
    revokedAt: revokedAt === undefined ? undefined : new Date(revokedAt),
  };
}

async function withKeys<T>(
  env: NodeJS.ProcessEnv,
  use: (keys: KeyStore, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig(env);
  const { store } = await openCurrentStore({
    databaseUrl: requireDatabaseUrl(config),
    poolSize: 1,
    encryptionKeys: config.STATEHOUSE_ENCRYPTION_KEY,
    logger: createLogger('silent'), // what is printed may be a file of credentials, or JSON
  });
  try {
    return await use(store.apiKeys, config);
  } finally {
    await store.close();
  }
}
