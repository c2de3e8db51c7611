/** State machines and executions as tests handle them, through the public API. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ExecutionDescription, HistoryEvent } from '../../cli/client.ts';
import { followExecution } from '../../cli/follow.ts';

const POLL_MS = 50;
const ROLE_ARN = 'arn:aws:iam::000000000000:role/statehouse';

/** A Lambda function's ARN, for a Task's Resource. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** Any operation, also those that the CLI's client does not have. @throws Error unless it succeeds */
export async function callOperation(
  endpoint: string,
  operation: string,
  input: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
      ...headers,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

/** @returns the state machine's ARN */
export async function createStateMachine(
  client: Client,
  name: string,
  definition: object,
  settings: { type?: string; loggingConfiguration?: object } = {},
): Promise<string> {
  const answer = await client.call('CreateStateMachine', {
    name,
    definition: JSON.stringify(definition),
    roleArn: ROLE_ARN,
    ...settings,
  });
  return answer.stateMachineArn;
}

/** For a state machine whose executions log to wherever they can. */
export function logging(level: string): { loggingConfiguration: object } {
  const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/states/test:*';
  const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn } }];
  return { loggingConfiguration: { level, includeExecutionData: true, destinations } };
}

/** @returns the execution's ARN */
export async function startExecution(
  client: Client,
  stateMachineArn: string,
  input: unknown = {},
): Promise<string> {
  const answer = await client.call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  return answer.executionArn;
}

/** Resolves once the server can serve requests (again). */
async function untilReady(client: Client): Promise<void> {
  const url = new URL('/readyz', client.endpoint);
  while (!(await fetch(url)).ok) await sleep(POLL_MS);
}

/** Resolves once the execution is closed. */
export async function untilEnded(client: Client, executionArn: string): Promise<ExecutionDescription> {
  for (;;) {
    const url = new URL(`/api/v1/executions/${encodeURIComponent(executionArn)}?wait=20`, client.endpoint);
    const response = await fetch(url);
    if (response.status === 503) {
      await untilReady(client); // its Postgres is away
      continue;
    }
    if (!response.ok) throw new Error(`GET ${url}: HTTP ${response.status} ${await response.text()}`);
    const execution = (await response.json()) as ExecutionDescription;
    if (execution.status !== 'RUNNING') return execution;
  }
}

/**
 * Resolves once the history holds an event of the type.
 * @throws Error when the execution ends without one
 */
export async function untilEvent(client: Client, executionArn: string, type: string): Promise<HistoryEvent> {
  for await (const event of followExecution(client, executionArn)) if (event.type === type) return event;
  throw new Error(`${executionArn} ended without ${type}`);
}

/** The whole history, all pages. */
export async function historyOf(client: Client, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const page of client.pages('GetExecutionHistory', { executionArn, maxResults: 1000 })) {
    events.push(...page.events);
  }
  return events;
}

export function eventTypes(events: readonly HistoryEvent[]): string[] {
  return events.map((event) => event.type);
}
