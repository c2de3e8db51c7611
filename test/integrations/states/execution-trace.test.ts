/** Which trace an execution is in that starts. */
import { describe, expect, test } from 'vitest';
import { childTrace, startedTrace } from '../../../integrations/states/execution-trace.ts';
import { attemptTrace, type CallerContext, type ExecutionTrace, spanIdOf } from '../../../runtime/index.ts';
import { NEVER, PARENT_BASED } from '../../support/samplers.ts';

const [TRACE_ID, SPAN_ID] = ['5759e988bd862e3fe1be46a994272793', '53995c3f42cd8ad8'];
const ANY_TRACE_ID = expect.stringMatching(/^[\da-f]{32}$/);
const TRACED = { startAt: 'A', timeoutSeconds: undefined, isTraced: true };
const PLAIN = { ...TRACED, isTraced: false };
const SAMPLED = { traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, traceState: 'a=1' };
const UNSAMPLED = { ...SAMPLED, isSampled: false };
const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:machine:run';
const OWN_SPAN = spanIdOf(executionArn, 3);
const attempt = (trace: ExecutionTrace | undefined) =>
  attemptTrace({ executionArn, ...(trace && { trace }) }, 3);

describe('a start from outside', () => {
  test('is in no trace without tracing and without a caller’s context', () => {
    expect(startedTrace(PLAIN, undefined, PARENT_BASED)).toBeUndefined();
    expect(startedTrace(TRACED, undefined, undefined)).toBeUndefined();
    expect(attempt(undefined)).toBeUndefined();
  });

  test('begins a trace', () => {
    const trace = startedTrace(TRACED, undefined, PARENT_BASED);
    expect(trace).toEqual({ traceId: ANY_TRACE_ID, isSampled: true });
    expect(attempt(trace)).toEqual({ ...trace, spanId: OWN_SPAN, isRecorded: true });
  });

  test('that is not sampled tells its tasks so', () => {
    const trace = startedTrace(TRACED, undefined, NEVER);
    expect(trace).toMatchObject({ isSampled: false });
    expect(attempt(trace)).toEqual({
      traceId: trace?.traceId,
      spanId: OWN_SPAN,
      isSampled: false,
      isRecorded: false,
    });
  });

  test('goes on with the caller’s trace', () => {
    const trace = startedTrace(TRACED, SAMPLED, PARENT_BASED);
    expect(trace).toEqual({
      traceId: TRACE_ID,
      isSampled: true,
      parentSpanId: SPAN_ID,
      traceState: 'a=1',
    });
    expect(attempt(trace)).toEqual({ ...SAMPLED, spanId: OWN_SPAN, isRecorded: true });
  });

  test('decides where the caller has left that open', () => {
    const rootOnly = { traceId: TRACE_ID };
    expect(startedTrace(TRACED, rootOnly, PARENT_BASED)).toEqual({ traceId: TRACE_ID, isSampled: true });
    expect(startedTrace(TRACED, { ...rootOnly, spanId: SPAN_ID }, PARENT_BASED)).toEqual({
      traceId: TRACE_ID,
      isSampled: true,
      parentSpanId: SPAN_ID,
    });
  });

  test.each([
    ['of a machine without tracing', PLAIN, SAMPLED, PARENT_BASED],
    ['where no traces are recorded', TRACED, SAMPLED, undefined],
    ['that its caller does not sample', TRACED, UNSAMPLED, PARENT_BASED],
    ['that the sampler leaves out', TRACED, SAMPLED, NEVER],
    ['of a machine without tracing, undecided', PLAIN, { traceId: TRACE_ID, spanId: SPAN_ID }, PARENT_BASED],
  ] as const)('%s passes on what its caller gave', (_, startPoint, caller: CallerContext, sampler) => {
    expect(attempt(startedTrace(startPoint, caller, sampler))).toEqual({ ...caller, isRecorded: false });
  });
});

describe('a child', () => {
  const parent = attempt({ traceId: TRACE_ID, isSampled: true, traceState: 'a=1' });
  const none = { given: undefined, attempt: undefined };
  const startedBy = { traceId: TRACE_ID, spanId: OWN_SPAN };

  test('of a parent in a trace has its own, and names who has started it', () => {
    const trace = childTrace(TRACED, { given: undefined, attempt: parent }, PARENT_BASED);
    expect(trace).toEqual({ traceId: ANY_TRACE_ID, isSampled: true, startedBy });
    expect(trace?.traceId).not.toBe(TRACE_ID);
  });

  test('of a parent in no trace is as any other start', () => {
    expect(childTrace(TRACED, none, PARENT_BASED)).toEqual({ traceId: ANY_TRACE_ID, isSampled: true });
    expect(childTrace(PLAIN, none, PARENT_BASED)).toBeUndefined();
  });

  test('goes on with the trace that the task names', () => {
    const given = { traceId: 'f'.repeat(32), spanId: SPAN_ID, isSampled: true };
    expect(childTrace(TRACED, { given, attempt: parent }, PARENT_BASED)).toEqual({
      traceId: given.traceId,
      parentSpanId: SPAN_ID,
      isSampled: true,
      startedBy,
    });
  });

  test('without tracing passes on what the task gives', () => {
    const passed = { traceId: TRACE_ID, isSampled: false, parentSpanId: OWN_SPAN, passedDecision: true };
    expect(childTrace(PLAIN, { given: undefined, attempt: parent }, PARENT_BASED)).toEqual({
      ...passed,
      traceState: 'a=1',
    });
  });

  test('of a parent that is not recorded passes on its caller’s context', () => {
    const through = attempt(startedTrace(TRACED, UNSAMPLED, PARENT_BASED));
    const trace = childTrace(TRACED, { given: undefined, attempt: through }, PARENT_BASED);
    expect(attempt(trace)).toEqual({ ...UNSAMPLED, isRecorded: false });
  });
});
