/**
 * start-http with signatures: what checking them takes of the API process. The load repeats one signed request, as long as
 * that holds, so that signing takes nothing of the machine.
 */
import { placeOf, readConfig } from '../../cli/config.ts';
import { signedHeaders } from '../../integrations/aws/signature.ts';
import { readEncryptionKeys } from '../../store/encryption.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { chain } from '../chain.ts';
import { cpuOf, watchCores } from '../cpu.ts';
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import { startRole } from '../role-process.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { CLIENTS } from './start-http.ts';

/** Metrics: requestsPerSecond, latencyMsP50 and latencyMsP99 under full load; apiCores, postgresCores, loadCores. */
export const startHttpSigv4: Scenario = { name: 'start-http-sigv4', run };

const ENCRYPTION_KEY = '5b'.repeat(32);

let opened: Promise<SignedApi> | undefined;

async function run(server: BenchServer, { loadSeconds }: Size): Promise<Measured> {
  opened ??= open(server);
  const { api, credentials, region } = await opened;
  await server.clear();
  const stateMachineArn = await newMachine(server, 'start-http-sigv4', chain(10, { Type: 'Pass' }));
  const input = { stateMachineArn };
  const headers = signedHeaders(
    {
      method: 'POST',
      url: new URL(api.url),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSStepFunctions.StartExecution',
      },
      body: JSON.stringify(input),
    },
    { ...credentials, sessionToken: undefined },
    { region, service: 'states', time: Date.now() },
  );
  const cores = watchCores({ apiCores: cpuOf(api.pid), ...server.postgresCpu });
  const { callsPerSecond, latencyMsP50, latencyMsP99, loadCores } = await putUnderLoad({
    endpoint: api.url,
    operation: 'StartExecution',
    input,
    headers: {
      'x-amz-date': headers['X-Amz-Date'] ?? '',
      authorization: headers.Authorization ?? '',
    },
    connections: CLIENTS,
    seconds: loadSeconds,
  });
  const busy = cores();
  await server.clear();
  return { requestsPerSecond: callsPerSecond, latencyMsP50, latencyMsP99, ...busy, loadCores };
}

type SignedApi = Awaited<ReturnType<typeof open>>;

/** An API process that asks for signatures, and a key for it. */
async function open({ databaseUrl, closing }: BenchServer) {
  const place = placeOf(readConfig());
  const encryptionKeys = readEncryptionKeys(ENCRYPTION_KEY);
  const store = await openStore({ databaseUrl, poolSize: 2, encryptionKeys, logger: createLogger('warn') });
  const credentials = await store.apiKeys.create({ place, description: 'bench' });
  await store.close();
  const env = { STATEHOUSE_AUTH: 'sigv4', STATEHOUSE_ENCRYPTION_KEY: ENCRYPTION_KEY };
  const api = await startRole('api', databaseUrl, env);
  closing.defer(async () => void (await api.end()));
  return { api, credentials, region: place.region };
}
