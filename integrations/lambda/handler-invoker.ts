import { randomUUID } from 'node:crypto';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import type { HandlerFunction } from '../functions/function-map.ts';
import { HandlerPool } from '../functions/handler-pool.ts';
import type { HttpAnswer } from '../http-client.ts';
import { failureOf, type Invocation, type InvocationResult, type Invoker } from './invocation.ts';
import { serviceFailure, unknownOutcome } from './invocation-failure.ts';

/** Invokes a handler of the function map in this process, and answers as Lambda's Invoke API would. */
export class HandlerInvoker implements Invoker {
  readonly #pool: HandlerPool;
  readonly #logger: Logger;
  /** Aborts what Event invocations left running. */
  readonly #closing = new AbortController();

  /** @param env environment variables of the function */
  constructor(definition: HandlerFunction, env: NodeJS.ProcessEnv, metrics: Metrics, logger: Logger) {
    const pool = new HandlerPool(definition, env, logger);
    this.#pool = pool;
    metrics.observe(['statehouse.function.invocations'], (observe) => {
      for (const state of ['running', 'waiting'] as const)
        observe('statehouse.function.invocations', pool[state], {
          'faas.name': definition.name,
          'statehouse.invocation.state': state,
        });
    });
    this.#logger = logger;
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const requestId = randomUUID();
    switch (invocation.invocationType) {
      case 'DryRun':
        return { kind: 'answered', answer: answer(204, requestId, '') };
      case 'Event':
        void this.#run({ ...invocation, signal: this.#closing.signal }, requestId).then((result) => {
          if (result.kind !== 'answered')
            this.#logger.warn(
              { function: invocation.function.name, ...failureOf(result) },
              'an Event invocation failed',
            );
        });
        return { kind: 'answered', answer: answer(202, requestId, '') };
      default:
        return this.#run(invocation, requestId);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pool.close();
  }

  async #run(invocation: Invocation, requestId: string): Promise<InvocationResult> {
    const { qualifier, arn } = invocation.function;
    const outcome = await this.#pool.invoke({
      awsRequestId: requestId,
      payload: invocation.payload,
      invokedFunctionArn: qualifier === undefined ? arn : `${arn}:${qualifier}`,
      clientContext: invocation.clientContext,
      idempotencyKey: invocation.idempotencyKey,
      trace: invocation.trace,
      signal: invocation.signal,
    });
    switch (outcome.kind) {
      case 'returned':
        return { kind: 'answered', answer: answer(200, requestId, outcome.payload) };
      case 'failed':
        return { kind: 'functionFailed', payload: outcome.payload };
      case 'refused':
        return {
          kind: 'failed',
          failure: serviceFailure({
            status: 400,
            code: 'InvalidRequestContentException',
            message: outcome.message,
            requestId,
          }),
        };
      case 'abandoned':
        return { kind: 'failed', failure: unknownOutcome('The function was stopped') };
    }
  }
}

/** An Invoke response with the headers that Lambda sends. */
function answer(status: number, requestId: string, body: string): HttpAnswer {
  return {
    status,
    body,
    headers: [
      ['Connection', 'keep-alive'],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['Content-Type', 'application/json'],
      ['Date', new Date().toUTCString()],
      ['X-Amz-Executed-Version', '$LATEST'],
      ['x-amzn-Remapped-Content-Length', '0'],
      ['x-amzn-RequestId', requestId],
    ],
  };
}
