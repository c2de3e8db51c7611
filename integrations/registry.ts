import type { ArnPlace } from '../runtime/execution/arn.ts';
import { type Failure, States } from '../runtime/failures/failure.ts';
import type { ExecutionLimits } from '../runtime/index.ts';
import type { TaskResource } from '../runtime/machine/resource.ts';
import type { Store } from '../store/store.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Metrics, NO_METRICS } from '../telemetry/metrics/metrics.ts';
import type { RequestSpans } from '../telemetry/traces/request-spans.ts';
import type { TraceSampler } from '../telemetry/traces/trace-sampler.ts';
import { type FunctionMap, readFunctionMap } from './functions/function-map.ts';
import type { TaskIntegration } from './integration.ts';
import { LambdaIntegration } from './lambda/lambda-integration.ts';
import { PostgresIntegration } from './postgres/postgres-integration.ts';
import { StatesIntegration } from './states/states-integration.ts';

export interface IntegrationsOptions {
  /** A function map, or the path of one. */
  readonly functions?: FunctionMap | string | undefined;
  /** Read for endpoints and credentials; handlers of the function map inherit it, but for our own secrets. */
  readonly env: NodeJS.ProcessEnv;
  readonly place: ArnPlace;
  /** Asked for when first needed: settings are looked at before there is a database. */
  readonly store: () => Store;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  /** Decides which executions that tasks start are traced; undefined: none. */
  readonly traceSampler?: TraceSampler | undefined;
  /** Records the requests of tasks that are traced; undefined: nobody does. */
  readonly requestSpans?: RequestSpans | undefined;
  readonly metrics?: Metrics;
  readonly logger: Logger;
}

export interface Integrations {
  /** The integration that serves a Resource; undefined: none does. */
  find(resource: TaskResource): TaskIntegration | undefined;
  /** Ends all calls under way; no thread and no connection is left. */
  close(): Promise<void>;
}

/** @throws Error naming the variable, or the function map's field, that is at fault */
export function createIntegrations(options: IntegrationsOptions): Integrations {
  const { env, place, store, ceilings, traceSampler, requestSpans, metrics = NO_METRICS, logger } = options;
  const functions =
    typeof options.functions === 'string' ? readFunctionMap(options.functions) : options.functions;
  const table: readonly TaskIntegration[] = [
    new LambdaIntegration({ functions: functions ?? new Map(), env, place, requestSpans, metrics, logger }),
    new StatesIntegration({ store, ceilings, traceSampler }),
    new PostgresIntegration({ store, ceilings }),
  ];
  return {
    find: (resource) => table.find((integration) => integration.serves(resource)),
    close: async () => {
      await Promise.all(table.map((integration) => integration.close()));
    },
  };
}

/** What an attempt fails with that nothing here can serve: the definition is at fault, retrying would not help. */
export function unservedFailure(resource: TaskResource): Failure {
  return { error: States.Runtime, cause: `No integration serves the resource '${resource.arn}'.` };
}
