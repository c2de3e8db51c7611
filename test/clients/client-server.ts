/** A `statehouse dev` process as AWS's own clients reach it: by AWS's own environment variables alone. */
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createTestDatabase } from '../support/test-database.ts';

export interface ClientServer {
  readonly url: string;
  readonly databaseUrl: string;
  /** For AWS's clients, which look for settings nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  /** Those operations among them that this version has. @param names `StartExecution`, `StartExecutionCommand`, `start-execution` */
  supported(names: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

/** @param settings of the server */
export async function startClientServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<ClientServer> {
  const folder = temporaryFolder();
  const database = await createTestDatabase();
  const server = await ServerProcess.start({
    dataDir: folder.path,
    env: { LOG_LEVEL: 'error', DATABASE_URL: database.url, ...settings },
  });
  return {
    url: server.url,
    databaseUrl: database.url,
    env: {
      HOME: folder.path,
      AWS_ENDPOINT_URL_SFN: server.url,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async supported(names) {
      const found: string[] = [];
      for (const name of names) {
        const operation = name
          .replace(/Command$/, '')
          .replaceAll(/(?:^|-)([a-z])/g, (_, letter) => letter.toUpperCase());
        if (await isSupported(server.url, operation)) found.push(name);
      }
      return found;
    },
    async close() {
      await server.stop();
      await database.drop();
      folder[Symbol.dispose]();
    },
  };
}

async function isSupported(url: string, operation: string): Promise<boolean> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${operation}`,
  };
  const response = await fetch(url, { method: 'POST', headers, body: '{}' });
  return response.status !== 501;
}
