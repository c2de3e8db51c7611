/**
 * A small client of the AWS JSON 1.0 protocol for the commands, so that the program needs no SDK at run time.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
 */
import { type AwsCredentials, type RequestToSign, signedHeaders } from '../integrations/aws/signature.ts';
import type { LogRecord } from '../telemetry/logs/log-record.ts';
import { CommandError } from './command-error.ts';

/** The operations that the commands use, with the members they use. Dates are seconds since 1970. */
interface Operations {
  CreateStateMachine: [
    input: {
      name: string;
      definition: string;
      roleArn: string;
      type?: string;
      loggingConfiguration?: object;
    },
    output: { stateMachineArn: string; creationDate: number },
  ];
  UpdateStateMachine: [
    input: { stateMachineArn: string; definition: string; roleArn?: string },
    output: { updateDate: number; revisionId?: string },
  ];
  DescribeStateMachine: [input: { stateMachineArn: string }, output: StateMachineDescription];
  DescribeStateMachineForExecution: [
    input: { executionArn: string },
    output: Pick<StateMachineDescription, 'loggingConfiguration'>,
  ];
  ListStateMachines: [
    input: PageRequest,
    output: { stateMachines: StateMachineListItem[]; nextToken?: string },
  ];
  StartExecution: [
    input: { stateMachineArn: string; name?: string; input?: string },
    output: { executionArn: string; startDate: number },
  ];
  DescribeExecution: [input: { executionArn: string }, output: ExecutionDescription];
  StopExecution: [
    input: { executionArn: string; error?: string; cause?: string },
    output: { stopDate: number },
  ];
  RedriveExecution: [input: { executionArn: string; clientToken?: string }, output: { redriveDate: number }];
  ListExecutions: [
    input: PageRequest & { stateMachineArn: string; statusFilter?: string },
    output: { executions: ExecutionListItem[]; nextToken?: string },
  ];
  GetExecutionHistory: [
    input: PageRequest & { executionArn: string; reverseOrder?: boolean },
    output: { events: HistoryEvent[]; nextToken?: string },
  ];
}
export type Operation = keyof Operations;
export type Input<O extends Operation> = Operations[O][0];
export type Output<O extends Operation> = Operations[O][1];

export interface PageRequest {
  maxResults?: number;
  nextToken?: string;
}
export interface StateMachineListItem {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: string;
  readonly creationDate: number;
}
export interface StateMachineDescription extends StateMachineListItem {
  readonly status: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId?: string;
  readonly loggingConfiguration?: { readonly level?: string };
}
export interface ExecutionListItem {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: number;
  readonly stopDate?: number;
}
export interface ExecutionDescription extends ExecutionListItem {
  readonly stateMachineArn: string;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount?: number;
  readonly redriveDate?: number;
}
/** An event, with at most one `…EventDetails` member. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>> | undefined;
}

export interface LogQuery {
  /** Of an execution, or of a state machine. */
  readonly arn: string;
  /** The cursor of another page. */
  readonly after?: string;
  /** ISO 8601 */
  readonly since?: string;
  /** Seconds, if there is nothing yet. */
  readonly wait: number;
  readonly limit: number;
}
export interface LogPage {
  readonly events: readonly LogRecord[];
  readonly nextCursor: string;
}

export interface SetAsideExecution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** Seconds since 1970. */
  readonly since: number;
  readonly reason: string;
}

/** An error that the service answered with, by AWS's name for it. */
export class ServiceError extends CommandError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
    this.code = code;
  }
}

/** What requests are signed with. */
export interface Signer {
  readonly credentials: AwsCredentials;
  readonly region: string;
}

/** Longer than any call here waits on purpose. */
const ANSWER_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

export class Client {
  readonly endpoint: string;
  readonly #signer: Signer | undefined;
  readonly #answerMs: number;

  /** @param answerMs a server that has not answered for so long never will */
  constructor(endpoint: string, signer?: Signer, answerMs = ANSWER_MS) {
    this.endpoint = endpoint;
    this.#signer = signer;
    this.#answerMs = answerMs;
  }

  /** @throws ServiceError the service's answer; CommandError when no Step Functions service answers there */
  async call<O extends Operation>(operation: O, input: Input<O>): Promise<Output<O>> {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
    };
    return this.#read(await this.#send(new URL(this.endpoint), 'POST', headers, JSON.stringify(input)));
  }

  /** What executions have logged. @throws as {@link call} does */
  async logs({ arn, after, since, wait, limit }: LogQuery): Promise<LogPage> {
    const url = new URL(`${this.endpoint}/api/v1/logs`);
    const query = { arn, after, since, wait, limit };
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return this.#read(await this.#send(url, 'GET', {}, ''));
  }

  /** Executions that no worker runs any more. @throws as {@link call} does */
  async setAside(): Promise<{ executions: readonly SetAsideExecution[] }> {
    return this.#read(await this.#send(new URL(`${this.endpoint}/api/v1/set-aside`), 'GET', {}, ''));
  }

  /** Lets workers run one of them again. @throws as {@link call} does */
  async retry(executionArn: string): Promise<object> {
    const url = new URL(`${this.endpoint}/api/v1/executions/${encodeURIComponent(executionArn)}/retry`);
    return this.#read(await this.#send(url, 'POST', {}, ''));
  }

  /** @throws ServiceError, CommandError */
  #read<Output>({ status, isOk, text }: Answer): Output {
    const answer = readObject(text);
    if (answer === undefined) {
      throw new CommandError(`What answers at ${this.endpoint} is no Step Functions API (HTTP ${status}).`);
    }
    if (isOk) return answer as Output;
    throw new ServiceError(
      errorCode(answer) ?? `HTTP ${status}`,
      String(answer.message ?? answer.Message ?? `from ${this.endpoint}, which may be no Step Functions API`),
    );
  }

  /** Every item of a paged operation, page by page as they are asked for. */
  async *pages<O extends 'ListStateMachines' | 'ListExecutions' | 'GetExecutionHistory'>(
    operation: O,
    input: Input<O>,
  ): AsyncGenerator<Output<O>> {
    let nextToken: string | undefined;
    do {
      const page: Output<O> = await this.call(operation, { ...input, ...(nextToken && { nextToken }) });
      yield page;
      nextToken = page.nextToken;
    } while (nextToken);
  }

  async #send(
    url: URL,
    method: 'GET' | 'POST',
    headers: Record<string, string>,
    body: string,
  ): Promise<Answer> {
    try {
      const response = await fetch(url, {
        method,
        headers: this.#signed({ method, url, headers, body }),
        ...(method === 'POST' && { body }),
        signal: AbortSignal.timeout(this.#answerMs),
      });
      return { status: response.status, isOk: response.ok, text: await response.text() };
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError')
        throw new CommandError(`${this.endpoint} has not answered within ${this.#answerMs / 1000} s.`);
      const reason =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CommandError(
        `Nothing answers at ${this.endpoint} (${reason || 'connection refused'}). Start a server with "statehouse dev", or name another one with --endpoint.`,
      );
    }
  }

  #signed(request: RequestToSign): Readonly<Record<string, string>> {
    if (this.#signer === undefined) return request.headers;
    const { credentials, region } = this.#signer;
    return signedHeaders(request, credentials, { region, service: 'states', time: Date.now() });
  }
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `__type` may bear a namespace before `#`. */
function errorCode(answer: Record<string, unknown>): string | undefined {
  return typeof answer.__type === 'string' ? answer.__type.split('#').pop() : undefined;
}
