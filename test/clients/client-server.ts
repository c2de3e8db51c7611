/** A `statehouse dev` process as AWS's own clients reach it: by AWS's own environment variables alone. */
import { randomBytes } from 'node:crypto';
import { Client } from '../../cli/client.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase } from '../support/test-database.ts';

const REGION = 'us-east-1';
const ANYBODY = { accessKeyId: 'any', secretAccessKey: 'any' };

export interface ClientServer {
  readonly url: string;
  readonly databaseUrl: string;
  /** For AWS's clients, which look for settings nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  /** The program's own client, for what a test needs and is not about. */
  readonly client: Client;
  close(): Promise<void>;
}

/** @param settings of the server; with STATEHOUSE_AUTH=sigv4 its clients have an API key */
export async function startClientServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<ClientServer> {
  const folder = temporaryFolder();
  const database = await createTestDatabase();
  const serverEnv = {
    LOG_LEVEL: 'error',
    DATABASE_URL: database.url,
    STATEHOUSE_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ...settings,
  };
  const server = await ServerProcess.start({ dataDir: folder.path, env: serverEnv });
  const key = settings.STATEHOUSE_AUTH === 'sigv4' ? await createKey(serverEnv) : ANYBODY;
  return {
    url: server.url,
    databaseUrl: database.url,
    env: {
      HOME: folder.path,
      AWS_ENDPOINT_URL_SFN: server.url,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    client: new Client(server.url, { credentials: { ...key, sessionToken: undefined }, region: REGION }),
    async close() {
      await server.stop();
      await database.drop();
      folder[Symbol.dispose]();
    },
  };
}

async function createKey(env: Readonly<Record<string, string>>): Promise<typeof ANYBODY> {
  const { stdout } = await runStatehouse(['keys', 'create', '--json'], env);
  return JSON.parse(stdout) as typeof ANYBODY;
}
