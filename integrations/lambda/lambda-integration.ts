/**
 * Lambda functions, as a function's ARN and as `arn:aws:states:::lambda:invoke[.waitForTaskToken]`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
import { randomUUID } from 'node:crypto';
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import type { Failure } from '../../runtime/failures/failure.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import type { RequestSpans } from '../../telemetry/traces/request-spans.ts';
import { serviceEndpoint } from '../aws/endpoint.ts';
import { credentialsFrom } from '../aws/signature.ts';
import { functionEnvironment } from '../functions/function-environment.ts';
import type { FunctionDefinition, FunctionMap } from '../functions/function-map.ts';
import { HttpClient } from '../http-client.ts';
import type { TaskCall, TaskIntegration, TaskResult } from '../integration.ts';
import { type FunctionReference, invalidFunctionName, parseFunctionName } from './function-name.ts';
import { HandlerInvoker } from './handler-invoker.ts';
import { failureOf, type Invocation, type InvocationResult, type Invoker } from './invocation.ts';
import { serviceFailure, unknownOutcome } from './invocation-failure.ts';
import { InvokeApi } from './invoke-api.ts';
import { readInvokeParameters } from './invoke-parameters.ts';
import { invokeResult, isJson } from './invoke-result.ts';
import { UrlInvoker } from './url-invoker.ts';

export interface LambdaOptions {
  readonly functions: FunctionMap;
  readonly env: NodeJS.ProcessEnv;
  readonly place: ArnPlace;
  /** Undefined: requests are not recorded. */
  readonly requestSpans: RequestSpans | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Twice Lambda's limit for a response, so that it is Lambda's, or ours for results, that a function meets first. */
const ANSWER_BYTES_MAX = 12 * 1024 * 1024;

export class LambdaIntegration implements TaskIntegration {
  readonly name = 'lambda';
  readonly recovery = 'unknown';
  readonly #place: ArnPlace;
  readonly #logger: Logger;
  readonly #client: HttpClient;
  readonly #mapped: ReadonlyMap<string, Invoker>;
  readonly #invokeApi: Invoker | undefined;

  /** @throws Error when an endpoint variable is not usable */
  constructor(options: LambdaOptions) {
    const { env, place } = options;
    this.#place = place;
    this.#logger = options.logger;
    this.#client = new HttpClient(ANSWER_BYTES_MAX, options.requestSpans);
    const endpoint = serviceEndpoint(env, 'LAMBDA');
    if (endpoint !== undefined)
      this.#invokeApi = new InvokeApi(
        { endpoint, region: place.region, credentials: credentialsFrom(env) },
        this.#client,
      );
    this.#mapped = new Map(
      [...options.functions].map(([name, definition]) => [name, this.#invokerOf(definition, options)]),
    );
  }

  serves(resource: TaskResource): boolean {
    if (resource.kind === 'lambda') return true;
    if (resource.kind !== 'service' || resource.pattern === 'RUN_A_JOB') return false;
    return resource.resourceType === 'lambda' && resource.action === 'invoke';
  }

  lost(): Failure {
    return unknownOutcome('The worker stopped before the answer came');
  }

  invoke(task: TaskCall): Promise<TaskResult> {
    return task.resource.kind === 'lambda' ? this.#invokeArn(task) : this.#invokeParameters(task);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#mapped.values()].map((invoker) => invoker.close()));
    this.#client.close();
  }

  /** A function's ARN as Resource: the input is the payload, the payload the result. */
  async #invokeArn(task: TaskCall): Promise<TaskResult> {
    const reference = parseFunctionName(task.resource.arn, this.#place);
    if (reference === undefined) return { kind: 'failed', failure: invalidFunctionName(task.resource.arn) };
    const result = await this.#invoke({
      function: reference,
      payload: task.input.text,
      invocationType: undefined,
      logType: undefined,
      clientContext: undefined,
      idempotencyKey: task.idempotencyKey,
      signal: task.signal,
      trace: task.trace,
    });
    if (result.kind !== 'answered') return { kind: 'failed', failure: failureOf(result) };
    const { body } = result.answer;
    if (isJson(body)) return { kind: 'succeeded', output: body };
    return {
      kind: 'failed',
      failure: {
        error: 'Lambda.Unknown',
        cause: `The function's response is not JSON that can be taken in: ${body}`,
      },
    };
  }

  async #invokeParameters(task: TaskCall): Promise<TaskResult> {
    const parameters = readInvokeParameters(task.input, this.#place);
    if ('failure' in parameters) return { kind: 'failed', failure: parameters.failure };
    const { idempotencyKey, signal, trace } = task;
    const result = await this.#invoke({ ...parameters, idempotencyKey, signal, trace });
    if (result.kind !== 'answered') return { kind: 'failed', failure: failureOf(result) };
    return { kind: 'succeeded', output: invokeResult(result.answer) };
  }

  /** The function map first, then the Invoke API if one is set: without it nothing is called. */
  async #invoke(invocation: Invocation): Promise<InvocationResult> {
    const invoker = this.#mapped.get(invocation.function.name) ?? this.#invokeApi;
    if (invoker !== undefined) return invoker.invoke(invocation);
    this.#logger.warn(
      { function: invocation.function.name },
      'this function is not in the function map (STATEHOUSE_FUNCTIONS), and AWS_ENDPOINT_URL_LAMBDA is not set',
    );
    return { kind: 'failed', failure: notFound(invocation.function) };
  }

  #invokerOf(definition: FunctionDefinition, { env, place, metrics, logger }: LambdaOptions): Invoker {
    if (definition.kind === 'url') return new UrlInvoker(definition, this.#client);
    return new HandlerInvoker(definition, functionEnvironment(definition, env, place), metrics, logger);
  }
}

function notFound({ arn, qualifier }: FunctionReference): Failure {
  return serviceFailure({
    status: 404,
    code: 'ResourceNotFoundException',
    message: `Function not found: ${arn}:${qualifier ?? '$LATEST'}`,
    requestId: randomUUID(),
  });
}
