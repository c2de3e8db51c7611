/** What a worker tells about itself over HTTP: `/metrics`, `/healthz` and `/readyz`, as the API does on its port. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Store } from '../store/store.ts';
import { EXPOSITION_TYPE } from '../telemetry/metrics/start-metrics.ts';
import type { Worker } from './worker.ts';

export interface MonitoringOptions {
  readonly host: string;
  readonly port: number;
  readonly store: Pick<Store, 'check'>;
  readonly worker: Pick<Worker, 'isCurrent' | 'isStopping'>;
  /** Undefined: there is no `/metrics`. */
  readonly exposition: (() => Promise<string>) | undefined;
}

export interface Monitoring {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** @throws Error when the address is taken or not ours */
export async function serveMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const server = createServer(async ({ method, url = '' }, response) => {
    const { status, type, body } = await answer(options, method, url.split('?', 1)[0] as string).catch(
      failed,
    );
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { url: urlOf(server), close: () => closed(server) };
}

async function answer(options: MonitoringOptions, method: string | undefined, path: string): Promise<Answer> {
  if (method === 'GET' && path === '/healthz') return json(200, { status: 'ok' });
  if (method === 'GET' && path === '/readyz') return readiness(options);
  if (method === 'GET' && path === '/metrics' && options.exposition !== undefined)
    return { status: 200, type: EXPOSITION_TYPE, body: await options.exposition() };
  return json(404, { status: 'not found' });
}

/** Nobody else would take the error, and it would end the worker. */
function failed(error: unknown): Answer {
  return json(500, { status: 'failed', reason: error instanceof Error ? error.message : String(error) });
}

async function readiness({ store, worker }: MonitoringOptions): Promise<Answer> {
  const database = await store.check().catch((error: unknown) => String(error));
  const idle = idleness(worker);
  const checks = { ...(database !== undefined && { database }), ...(idle !== undefined && { worker: idle }) };
  return Object.keys(checks).length === 0
    ? json(200, { status: 'ok' })
    : json(503, { status: 'unavailable', checks });
}

/** Why it takes no work. */
function idleness({ isCurrent, isStopping }: MonitoringOptions['worker']): string | undefined {
  if (isStopping) return 'it is stopping: it takes no work';
  return isCurrent ? undefined : 'its heartbeat is not confirmed: it takes no work';
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
