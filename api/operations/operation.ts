import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { SyncExecutions } from '../../express/sync-executions.ts';
import type { LogGroups } from '../../integrations/logs/log-groups.ts';
import type { Integrations } from '../../integrations/registry.ts';
import type { ExecutionStops } from '../../integrations/states/execution-stops.ts';
import type { Machines } from '../../integrations/states/machines.ts';
import type { StartPoints } from '../../integrations/states/start-points.ts';
import type { ExecutionLimits } from '../../runtime/index.ts';
import type { Store } from '../../store/store.ts';
import type { TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import type { AccountQuotas } from '../account-quotas.ts';
import type { ActivityPollers } from '../activity-tasks/activity-pollers.ts';
import type { Caller } from '../auth/caller.ts';
import type { Input, OperationName, Output } from '../model/shapes.ts';
import type { PageTokens } from '../page-tokens.ts';
import type { StartRecords } from '../start-records.ts';
import type { Throttle } from '../throttle.ts';
import type { VariableReferences } from '../variable-references.ts';
import type { WaitForNews } from '../wait-for-news.ts';

/** What operations work with, and for whom. */
export interface OperationContext extends Caller {
  readonly store: Store;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  readonly pageTokens: PageTokens;
  readonly startRecords: StartRecords;
  readonly startPoints: StartPoints;
  readonly machines: Machines;
  readonly executionStops: ExecutionStops;
  readonly syncExecutions: SyncExecutions;
  readonly variableReferences: VariableReferences;
  readonly activityPollers: ActivityPollers;
  /** Undefined: calls are taken at any rate. */
  readonly throttle: Throttle | undefined;
  /** Undefined: accounts may have as much as there is room for. */
  readonly quotas: AccountQuotas | undefined;
  /** Undefined: nobody can say which log groups there are. */
  readonly logGroups: LogGroups | undefined;
  /** Decides which executions are traced; undefined: none. */
  readonly traceSampler: TraceSampler | undefined;
  /** What TestState calls for a Task without a mock. */
  readonly integrations: Pick<Integrations, 'find'> | undefined;
  /** Of the request. */
  readonly headers: IncomingHttpHeaders;
  /** ms since 1970. */
  readonly now: () => number;
  /** Likewise by the database's clock, which is that of executions; once a start record has been read. */
  readonly databaseNow: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
}

/** Finds out who sent a request. @throws AwsError when it does not prove that */
export type ContextOf = (request: FastifyRequest) => Promise<OperationContext>;

/** Puts headers on the answer, should it be a success. */
export type AnswerHeaders = (headers: Readonly<Record<string, string>>) => void;

/**
 * One operation of the AWS API. Its input has passed the service model's constraints.
 * @throws AwsError for every answer that is an error
 */
export type Operation<Name extends OperationName> = (
  input: Input<Name>,
  context: OperationContext,
  waitForNews: WaitForNews,
  answerHeaders: AnswerHeaders,
) => Promise<Output<Name>>;

/** A time as AWS writes it: seconds since 1970, with milliseconds as fraction. */
export function toTimestamp(ms: number): number {
  return ms / 1000;
}
