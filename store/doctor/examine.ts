import pg from 'pg';
import type { Check, Finding, Patient } from './check.ts';
import { problem } from './check.ts';
import { clock } from './clock-check.ts';
import { connections, pooler, timeouts } from './connection-checks.ts';
import { durability, replication } from './durability-checks.ts';
import { schema, version, writable } from './server-checks.ts';
import { autovacuum, deadRows, oldTransactions, transactionIds } from './table-checks.ts';
import { due, dueExpress, jobs, setAside, workers } from './work-checks.ts';

/** In the order in which they are told. */
const CHECKS: readonly Check[] = [
  version,
  writable,
  schema,
  durability,
  replication,
  pooler,
  timeouts,
  connections,
  clock,
  workers,
  due,
  dueExpress,
  setAside,
  jobs,
  autovacuum,
  deadRows,
  oldTransactions,
  transactionIds,
];

export interface ExamineOptions extends Pick<Patient, 'poolSize' | 'workerTimeoutSeconds'> {
  readonly databaseUrl: string;
  readonly directDatabaseUrl: string | undefined;
}

export interface NamedFinding extends Finding {
  readonly check: string;
}

const CONNECT_TIMEOUT_MS = 5000;

/** Looks at the database and all that is told there. Never throws: what cannot be looked at is a problem. */
export async function examineDatabase(options: ExamineOptions): Promise<NamedFinding[]> {
  const { databaseUrl, directDatabaseUrl } = options;
  const direct = newClient(directDatabaseUrl ?? databaseUrl);
  const pooled = [newClient(databaseUrl), newClient(databaseUrl)] as const;
  const clients = [direct, ...pooled];
  try {
    for (const client of clients) await client.connect();
  } catch (error) {
    await endAll(clients);
    return [{ check: 'connection', ...unreachable(error) }];
  }
  const patient: Patient = {
    ...options,
    direct,
    pooled,
    hasDirectUrl: directDatabaseUrl !== undefined,
    now: Date.now,
  };
  const findings: NamedFinding[] = [];
  for (const { name, examine } of CHECKS)
    findings.push({ check: name, ...(await examine(patient).catch(unexaminable)) });
  await endAll(clients);
  return findings;
}

function newClient(connectionString: string): pg.Client {
  const client = new pg.Client({
    connectionString,
    application_name: 'statehouse doctor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => {}); // the query under way fails by itself
  return client;
}

async function endAll(clients: readonly pg.Client[]): Promise<void> {
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
}

function unreachable(error: unknown): Finding {
  return problem(
    `the database does not answer: ${messageOf(error)}`,
    'Look at DATABASE_URL, and at the server.',
  );
}

function unexaminable(error: unknown): Finding {
  return problem(`could not be looked at: ${messageOf(error)}`, 'Look at the first problem above.');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
