/** The API process: the AWS protocol, what the console and CLI use beyond it, and the health checks. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createSyncStarts } from '../express/sync-starts.ts';
import type { LogGroups } from '../integrations/logs/log-groups.ts';
import type { Integrations } from '../integrations/registry.ts';
import { ExecutionStops } from '../integrations/states/execution-stops.ts';
import { Machines } from '../integrations/states/machines.ts';
import { createStartPoints } from '../integrations/states/start-points.ts';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { ExecutionLimits } from '../runtime/index.ts';
import type { Store } from '../store/store.ts';
import { type Clock, systemClock } from '../telemetry/clock.ts';
import { DatabaseTime } from '../telemetry/database-time.ts';
import { type ExecutionWatcher, NO_WATCHER } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';
import { METRICS_OFF, type ProcessMetrics } from '../telemetry/metrics/start-metrics.ts';
import type { TraceSampler } from '../telemetry/traces/trace-sampler.ts';
import { type AccountLimits, createAccountQuotas } from './account-quotas.ts';
import { ActivityPollers } from './activity-tasks/activity-pollers.ts';
import { anybody, signer } from './auth/caller.ts';
import { KnownKeys } from './auth/known-keys.ts';
import { serveAwsProtocol } from './aws-protocol.ts';
import { requestBytesMax } from './execution-limits.ts';
import { serveExecutions } from './executions-route.ts';
import { serveHealth } from './health.ts';
import { serveLogs } from './logs-route.ts';
import { serveMetrics } from './metrics-route.ts';
import type { ContextOf } from './operations/operation.ts';
import { createPageTokens } from './page-tokens.ts';
import { RequestSlots } from './request-slots.ts';
import { createServer } from './server.ts';
import { serveSetAside } from './set-aside-route.ts';
import { StartRecords } from './start-records.ts';
import { createThrottle } from './throttle.ts';
import { TIMEOUTS, type Timeouts } from './timeouts.ts';
import { createVariableReferences } from './variable-references.ts';

export interface ApiOptions {
  readonly store: Store;
  /** Where everybody acts who is not asked who they are. */
  readonly place: ArnPlace;
  /** `sigv4`: requests are signed with API keys, and act in their keys' places. Absent: `none`. */
  readonly auth?: 'none' | 'sigv4' | undefined;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  /** What TestState calls for a Task without a mock; the caller closes them. */
  readonly integrations?: Integrations;
  /** Tells which log groups there are; the caller closes it. */
  readonly logGroups?: LogGroups | undefined;
  /** Holds callers to AWS's request quotas, and accounts to what they may have. */
  readonly isThrottled?: boolean | undefined;
  /** Synchronous executions alive at once; those beyond are answered ThrottlingException. */
  readonly maxSyncExecutions?: number | undefined;
  /** Requests that are worked on at once; those beyond are answered ThrottlingException. Absent: any number. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Bytes of their bodies together, likewise. */
  readonly bodiesBytesMax?: number | undefined;
  readonly timeouts?: Partial<Timeouts>;
  /** What an account may have then. */
  readonly accountLimits?: AccountLimits | undefined;
  /** Watches the executions that run here or are ended here. */
  readonly watcher?: ExecutionWatcher;
  /** Decides which executions are traced; undefined: none. */
  readonly traceSampler?: TraceSampler | undefined;
  /** Absent: nothing is measured, and there is no `/metrics`. */
  readonly metrics?: Omit<ProcessMetrics, 'close'>;
  readonly logger: Logger;
  /** ms since 1970. */
  readonly now?: () => number;
  /** From 0 to less than 1: draws the version that a start through an alias comes to. */
  readonly random?: () => number;
  /** For how long requests may wait. */
  readonly clock?: Clock;
}

export interface Api {
  /** @throws Error when the address is taken or not ours, or saying why API keys cannot be used */
  listen(address: { host: string; port: number }): Promise<{ url: string; port: number }>;
  /** Answers a request without a socket. */
  readonly inject: FastifyInstance['inject'];
  /** Stops accepting, lets requests in flight finish, and cuts off those that take too long. */
  close(): Promise<void>;
}

const PAGE_TOKEN_SECRET = 'page-token';

/** Of the bodies of requests that are worked on at once: in memory they take a small multiple. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

/** Tasks fail that would call one. */
const NONE: Pick<Integrations, 'find'> = { find: () => undefined };

export function createApi(options: ApiOptions): Api {
  const { store, place, ceilings, integrations, logger } = options;
  const { now = Date.now, random = Math.random, clock = systemClock, watcher = NO_WATCHER } = options;
  const { metrics, exposition } = options.metrics ?? METRICS_OFF;
  const databaseTime = new DatabaseTime(clock);
  // Starts have always asked the database by then. TestState may not have: what it starts lives here and now.
  const databaseNow = options.now ?? (() => (databaseTime.isKnown ? databaseTime.now() : now()));
  const closing = new AbortController();
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const app = createServer(logger, {
    closing: closing.signal,
    requestBytesMax: requestBytesMax(ceilings),
    slots: new RequestSlots(
      options.maxConcurrentRequests ?? Number.POSITIVE_INFINITY,
      options.bodiesBytesMax ?? BODIES_BYTES_MAX,
    ),
    timeouts,
    metrics,
  });
  const activityPollers = new ActivityPollers({
    activities: store.activities,
    clock,
    closing: closing.signal,
    logger,
  });
  const identify =
    options.auth === 'sigv4' ? signer(new KnownKeys(store.apiKeys, now), place, now) : anybody(place);
  const pageTokenSecret = () => store.secrets.get(PAGE_TOKEN_SECRET);
  const { stateMachines } = store;
  const machines = new Machines(stateMachines);
  const startPoints = createStartPoints(stateMachines);
  const { traceSampler, maxSyncExecutions: executionsMax } = options;
  const syncStarts = createSyncStarts({
    integrations: integrations ?? NONE,
    stateMachines,
    startPoints,
    machines,
    ceilings,
    traceSampler,
    watcher,
    clock,
    now: databaseNow,
    executionsMax,
    logger,
  });
  metrics.observe(['statehouse.executions.alive'], (observe) =>
    observe('statehouse.executions.alive', syncStarts.executions.alive, { 'statehouse.driver': 'sync' }),
  );
  const shared = {
    store,
    ceilings,
    integrations: integrations && syncStarts.integrations,
    traceSampler,
    now,
    databaseNow,
    random,
    closing: closing.signal,
    startRecords: new StartRecords(stateMachines, clock, databaseTime),
    startPoints,
    machines,
    executionStops: new ExecutionStops({ executions: store.executions, machines, watcher, logger }),
    syncExecutions: syncStarts.executions,
    variableReferences: createVariableReferences(),
    logGroups: options.logGroups,
    quotas: options.isThrottled ? createAccountQuotas(store, now, options.accountLimits) : undefined,
    activityPollers,
    throttle: options.isThrottled ? createThrottle(now) : undefined,
  };
  const contextOf: ContextOf = async (request) => {
    const caller = await identify(request);
    const { accessKeyId, place } = caller;
    request.caller = caller;
    return {
      ...shared,
      accessKeyId,
      place,
      headers: request.headers,
      pageTokens: createPageTokens(place, pageTokenSecret, now),
    };
  };
  serveAwsProtocol(app, contextOf);
  serveExecutions(app, contextOf, closing.signal);
  serveLogs(app, contextOf, clock, closing.signal);
  serveSetAside(app, contextOf);
  serveHealth(app, store, closing.signal);
  if (exposition) serveMetrics(app, exposition);
  return {
    inject: app.inject.bind(app),
    async listen(address) {
      const problem = options.auth === 'sigv4' ? await store.apiKeys.check() : undefined;
      if (problem !== undefined) throw new Error(problem);
      await app.listen(address);
      const { address: host, family, port } = app.server.address() as AddressInfo;
      return { url: `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`, port };
    },
    async close() {
      closing.abort();
      const cutOff = setTimeout(() => app.server.closeAllConnections(), timeouts.closeGraceMs);
      await app.close();
      clearTimeout(cutOff);
      await activityPollers.close();
    },
  };
}
