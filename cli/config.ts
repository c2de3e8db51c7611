/** Settings from the environment (docs/configuration.md), read once, at the composition root. */
import { z } from 'zod';
import { MAX_CONCURRENCY_CEILING } from '../integrations/states/limit-tags.ts';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../runtime/index.ts';
import { type EncryptionKey, readEncryptionKeys } from '../store/encryption.ts';
import type { StoreOptions } from '../store/open.ts';
import { type LogRoute, readLogRoutes } from '../telemetry/logs/log-routes.ts';
import { CommandError } from './command-error.ts';

const schema = z.object({
  DATABASE_URL: databaseUrl().optional(),
  STATEHOUSE_DIRECT_DATABASE_URL: databaseUrl().optional(),
  STATEHOUSE_PORT: wholeNumber(0, 65535).default(8083),
  STATEHOUSE_HOST: z.string().optional(),
  STATEHOUSE_METRICS_PORT: wholeNumber(0, 65535).optional(),
  STATEHOUSE_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected small letters, digits and hyphens, such as us-east-1')
    .default('us-east-1'),
  STATEHOUSE_ACCOUNT_ID: z
    .string()
    .regex(/^\d{12}$/, 'expected 12 digits')
    .default('000000000000'),
  STATEHOUSE_PARTITION: z
    .string()
    .regex(/^aws[a-z-]*$/, 'expected a partition such as aws, aws-cn or aws-us-gov')
    .default('aws'),
  STATEHOUSE_AUTH: z.enum(['none', 'sigv4']).optional(),
  STATEHOUSE_ENCRYPTION_KEY: z.string().default('').transform(encryptionKeys),
  STATEHOUSE_FUNCTIONS: z.string().optional(),
  STATEHOUSE_DATA_DIR: z.string().default('.statehouse'),
  STATEHOUSE_MAX_HISTORY_EVENTS: wholeNumber(1).default(PORTABLE_LIMITS.maxHistoryEvents),
  STATEHOUSE_MAX_PAYLOAD_BYTES: wholeNumber(1).default(PORTABLE_LIMITS.maxPayloadBytes),
  STATEHOUSE_RETENTION_DAYS: z.string().default('90').transform(retentionDays),
  STATEHOUSE_LOG_RETENTION_DAYS: wholeNumber(0, 36_500).default(30),
  STATEHOUSE_SQL_TASKS_URL: databaseUrl().optional(),
  STATEHOUSE_SQL_TASKS_POOL_SIZE: wholeNumber(1).default(4),
  STATEHOUSE_POOL_SIZE: wholeNumber(2).default(10),
  STATEHOUSE_MAX_CONCURRENT_REQUESTS: wholeNumber(1).optional(),
  STATEHOUSE_MAX_CONCURRENCY: wholeNumber(1, MAX_CONCURRENCY_CEILING).optional(),
  STATEHOUSE_GRACE_SECONDS: seconds(0, 604_800).default(30),
  STATEHOUSE_WORKER_TIMEOUT_SECONDS: seconds(1, 86_400).default(10),
  STATEHOUSE_THROTTLE: z.enum(['off', 'on']).default('off'),
  STATEHOUSE_EXECUTION_LOGS: z.string().default('').transform(logRoutes),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

function wholeNumber(least: number, most?: number) {
  const error = `expected a whole number from ${least}${most === undefined ? '' : ` to ${most}`}`;
  return z.coerce
    .number({ error })
    .refine((number) => Number.isSafeInteger(number) && number >= least && number <= (most ?? number), error);
}

/** Of a timer, and of some multiples of it: what is longer than Node's timers take would be over at once. */
function seconds(least: number, most: number) {
  const error = `expected a number of seconds from ${least} to ${most}`;
  return z.coerce.number({ error }).refine((number) => number >= least && number <= most, error);
}

/** What pg would take for something else, and then not find. The message must not show what was given. */
function databaseUrl() {
  return z
    .string()
    .refine(
      (text) =>
        /^(socket:|\/)/.test(text) ||
        (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/'))),
      'expected postgres://user:password@host:5432/database, with special characters of the password as %23 or the like',
    );
}

/** The message must not show what was given. */
function encryptionKeys(text: string, context: z.RefinementCtx): readonly EncryptionKey[] {
  if (text === '') return [];
  const keys = readEncryptionKeys(text);
  if (keys === undefined)
    context.addIssue(
      'expected 32 bytes in base64 or hex, such as "openssl rand -base64 32" prints (several with commas between them)',
    );
  return keys ?? [];
}

function logRoutes(text: string, context: z.RefinementCtx): readonly LogRoute[] {
  try {
    return readLogRoutes(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
}

const RETENTION_DAYS_MAX = 36_500;

/** 0 could mean both, that all is kept or that nothing is, and what is removed does not come back: it is refused. */
function retentionDays(text: string, context: z.RefinementCtx): number | 'forever' {
  if (text === 'forever') return text;
  const days = Number(text);
  if (!(days > 0 && days <= RETENTION_DAYS_MAX))
    context.addIssue(`expected a number of days above 0 and up to ${RETENTION_DAYS_MAX}, or "forever"`);
  return days;
}

export type Config = z.infer<typeof schema>;

/**
 * A variable that is empty is not set: so it is passed on by whatever starts processes (`${NAME:-}`), and so OpenTelemetry
 * reads its own.
 * @throws CommandError naming each variable at fault and what was expected
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}

/** What the ARNs of this installation bear. */
export function placeOf(config: Config): ArnPlace {
  return {
    partition: config.STATEHOUSE_PARTITION,
    region: config.STATEHOUSE_REGION,
    accountId: config.STATEHOUSE_ACCOUNT_ID,
  };
}

/** What an extended state machine may raise its own limits to; all others have AWS's. */
export function ceilingsOf(config: Config): ExecutionLimits {
  return {
    maxHistoryEvents: config.STATEHOUSE_MAX_HISTORY_EVENTS,
    maxPayloadBytes: config.STATEHOUSE_MAX_PAYLOAD_BYTES,
  };
}

/** A request has its turn at a connection after about 100 others, which is a matter of a second when all are quick. */
const REQUESTS_PER_CONNECTION = 100;

/** Requests that an API process works on at once: the setting, or as many as its connections can serve in good time. */
export function maxConcurrentRequestsOf(config: Config): number {
  return config.STATEHOUSE_MAX_CONCURRENT_REQUESTS ?? config.STATEHOUSE_POOL_SIZE * REQUESTS_PER_CONNECTION;
}

/** Undefined: SQL of definitions is not run. */
export function sqlTasksOf(config: Config): StoreOptions['sqlTasks'] {
  const { STATEHOUSE_SQL_TASKS_URL: url, STATEHOUSE_SQL_TASKS_POOL_SIZE: poolSize } = config;
  return url ? { url, poolSize } : undefined;
}

/** Without a heartbeat for so long, a worker is taken for dead. */
export function workerTimeoutMsOf(config: Config): number {
  return config.STATEHOUSE_WORKER_TIMEOUT_SECONDS * 1000;
}

/** @throws CommandError when DATABASE_URL is not set */
export function requireDatabaseUrl(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  throw new CommandError(
    'DATABASE_URL is not set; expected postgres://user:password@host:5432/database ("statehouse dev" brings its own Postgres).',
  );
}

/** Postgres itself, where DATABASE_URL is a pooler. @throws CommandError when neither is set */
export function requireDirectDatabaseUrl(config: Config): string {
  return config.STATEHOUSE_DIRECT_DATABASE_URL ?? requireDatabaseUrl(config);
}
