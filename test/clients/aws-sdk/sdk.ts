/** The official JavaScript client, with nothing changed but the environment. */
import * as client from '@aws-sdk/client-sfn';
import { SFNClient, type SFNClientConfig, type StateMachineType } from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import { ROLE_ARN } from '../definitions.ts';

const PATIENCE = { interval: 100, timeout: 30_000 };

/** Which commands have been sent since the program began. */
const sent = new Set<string>();

/** @param config what a test is about, if anything */
export function connect(config: SFNClientConfig = {}): SFNClient {
  const sfn = new SFNClient(config);
  sfn.middlewareStack.add(
    (next, { commandName }) =>
      (request) => {
        sent.add(String(commandName));
        return next(request);
      },
    { step: 'initialize' },
  );
  return sfn;
}

/** Commands of the client that nothing has been tried with yet. */
export function untriedCommands(): string[] {
  return Object.keys(client).filter((name) => /^[A-Z]\w+Command$/.test(name) && !sent.has(name));
}

/** The call is refused with the error class that the client has for it. */
export async function expectError(
  call: Promise<unknown>,
  // The constructors of the client's errors take options of their own.
  error: abstract new (...options: never[]) => Error,
  message: string | RegExp = /./,
): Promise<void> {
  const refused: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(refused).toBeInstanceOf(error);
  expect(refused).toMatchObject({
    message: expect.stringMatching(message),
    $metadata: { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
}

export async function createMachine(
  sfn: SFNClient,
  name: string,
  definition: string,
  more: { type?: StateMachineType } = {},
): Promise<string> {
  const input = { name, definition, roleArn: ROLE_ARN, ...more };
  const { stateMachineArn } = await sfn.send(new client.CreateStateMachineCommand(input));
  return String(stateMachineArn);
}

export async function start(sfn: SFNClient, stateMachineArn: string, input: object = {}): Promise<string> {
  const command = new client.StartExecutionCommand({ stateMachineArn, ...input });
  return String((await sfn.send(command)).executionArn);
}

/** Resolves with what it has come to, once the execution has ended. */
export function untilEnded(
  sfn: SFNClient,
  executionArn: string,
): Promise<client.DescribeExecutionCommandOutput> {
  return vi.waitFor(async () => {
    const execution = await sfn.send(new client.DescribeExecutionCommand({ executionArn }));
    expect(execution.status).not.toBe('RUNNING');
    return execution;
  }, PATIENCE);
}

export async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}
