/** Tests a state in a world without clock or services; what the state waits for is noted. */
import {
  findStateUnderTest,
  formatDiagnostics,
  type Mock,
  Payload,
  type StateTest,
  type StateUnderTest,
  type TaskInvocation,
  type TaskOutcome,
  type TestStateResult,
  testState,
} from '../../../runtime/index.ts';

export const NOW = Date.UTC(2026, 0, 1);

export const IDENTITY = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:express:machine:run',
  executionName: 'run',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
  stateMachineName: 'machine',
  region: 'us-east-1',
  secret: 'secret',
};

export interface Circumstances extends Partial<Omit<StateTest, 'subject' | 'input'>> {
  readonly input?: unknown;
  readonly stateName?: string;
  readonly call?: (task: TaskInvocation) => TaskOutcome;
}

export interface Tested extends Omit<TestStateResult, 'output'> {
  /** Parsed. */
  readonly output: unknown;
  /** Times that the state waited for, ms since 1970. */
  readonly waits: readonly number[];
}

/** @throws Error when the definition is not valid, or has no such state */
export function subjectOf(definition: object, stateName?: string): StateUnderTest {
  const found = findStateUnderTest(JSON.stringify(definition), stateName);
  if (found.kind === 'invalid') throw new Error(formatDiagnostics(found.diagnostics));
  if (found.kind === 'missing') throw new Error(`There is no state ${stateName}`);
  return found.subject;
}

export async function runTest(
  definition: object,
  { input = {}, stateName, call, ...more }: Circumstances = {},
): Promise<Tested> {
  const waits: number[] = [];
  const test: StateTest = {
    subject: subjectOf(definition, stateName),
    identity: IDENTITY,
    roleArn: undefined,
    input: JSON.stringify(input),
    variables: {},
    mock: undefined,
    context: undefined,
    retrierRetryCount: 0,
    mapIterationFailureCount: 0,
    mapItemReaderData: undefined,
    ...more,
  };
  const result = await testState(test, {
    moment: () => ({ time: NOW, seed: [1, 2, 3, 4] }),
    waitUntil: async (time) => void waits.push(time),
    call: async (task) => {
      if (call === undefined) throw new Error(`Nobody serves ${task.resource.arn}`);
      return call(task);
    },
  });
  return { ...result, output: result.output?.value, waits };
}

export function mockedResult(result: unknown): Mock {
  return { kind: 'result', result: Payload.fromText(JSON.stringify(result)) };
}

export function mockedError(error: string, cause?: string): Mock {
  return { kind: 'error', failure: { error, ...(cause !== undefined && { cause }) } };
}

/** The stages with their texts parsed. */
export function stagesOf({ inspectionData }: Pick<Tested, 'inspectionData'>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inspectionData).map(([stage, data]) => [
      stage,
      typeof data === 'string' ? (JSON.parse(data) as unknown) : data,
    ]),
  );
}
