import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Payload } from '../../../runtime/index.ts';
import { isLogged, levelOf } from '../../../telemetry/logs/log-level.ts';
import { toLogRecord } from '../../../telemetry/logs/log-record.ts';
import { EVERY_EVENT, event, SECRET } from './every-event.ts';

const about = { executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e', redriveCount: 2 };
const KIB = 1024;

describe('a record', () => {
  test('has the members of AWS, all of them texts but for the details', () => {
    const record = toLogRecord(
      event('ExecutionStarted', { input: Payload.fromText('{ }'), roleArn: 'r' }),
      about,
      true,
    );
    expect(record).toEqual({
      id: '7',
      type: 'ExecutionStarted',
      details: { input: '{ }', inputDetails: { truncated: false }, roleArn: 'r' },
      previous_event_id: '6',
      event_timestamp: '1700000000123',
      execution_arn: about.executionArn,
      redrive_count: '2',
    });
  });

  test('of every type of event shows its details by name; internal records have none', () => {
    const shown = EVERY_EVENT.map((each) => {
      const record = toLogRecord(each, about, true);
      return `${each.type}: ${record === undefined ? 'no record' : Object.keys(record.details).join(' ')}`;
    });
    expect(shown.join('\n')).toMatchInlineSnapshot(`
      "ActivityFailed: error cause
      ActivityScheduled: resource input inputDetails timeoutInSeconds heartbeatInSeconds
      ActivityScheduleFailed: error cause
      ActivityStarted: workerName
      ActivitySucceeded: output outputDetails
      ActivityTimedOut: error cause
      CallbackReceived: no record
      ChoiceStateEntered: name input inputDetails
      ChoiceStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      EvaluationFailed: state location error cause
      ExecutionAborted: error cause
      ExecutionFailed: error cause
      ExecutionRedriven: redriveCount
      ExecutionStarted: input inputDetails roleArn
      ExecutionSucceeded: output outputDetails
      ExecutionTimedOut: error cause
      FailStateEntered: name input inputDetails
      HeartbeatReceived: no record
      LambdaFunctionFailed: error cause
      LambdaFunctionScheduled: resource input inputDetails timeoutInSeconds
      LambdaFunctionScheduleFailed: error cause
      LambdaFunctionStarted: 
      LambdaFunctionStartFailed: error cause
      LambdaFunctionSucceeded: output outputDetails
      LambdaFunctionTimedOut: error cause
      MapIterationAborted: name index
      MapIterationFailed: name index
      MapIterationStarted: name index
      MapIterationSucceeded: name index
      MapStateAborted: 
      MapStateEntered: name input inputDetails
      MapStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      MapStateFailed: 
      MapStateStarted: length
      MapStateSucceeded: 
      ParallelStateAborted: 
      ParallelStateEntered: name input inputDetails
      ParallelStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      ParallelStateFailed: 
      ParallelStateStarted: 
      ParallelStateSucceeded: 
      PassStateEntered: name input inputDetails
      PassStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      RetryScheduled: no record
      SucceedStateEntered: name input inputDetails
      SucceedStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      TaskFailed: resourceType resource error cause
      TaskScheduled: resourceType resource region parameters timeoutInSeconds
      TaskStarted: resourceType resource
      TaskStartFailed: resourceType resource error cause
      TaskStateAborted: 
      TaskStateEntered: name input inputDetails
      TaskStateExited: name output outputDetails assignedVariables assignedVariablesDetails
      TaskSubmitFailed: resourceType resource error cause
      TaskSubmitted: resourceType resource output outputDetails
      TaskSucceeded: resourceType resource output outputDetails
      TaskTimedOut: resourceType resource error cause
      WaitStateAborted: 
      WaitStateEntered: name input inputDetails
      WaitStateExited: name output outputDetails assignedVariables assignedVariablesDetails"
    `);
  });

  test('without execution data shows no payload, whatever the type', () => {
    for (const each of EVERY_EVENT) {
      const whole = toLogRecord(each, about, true)?.details ?? {};
      const record = toLogRecord(each, about, false);
      expect(JSON.stringify(record ?? {}), each.type).not.toContain(SECRET);
      const withoutData = Object.entries(whole).filter(
        ([name]) => !/^(input|output|assignedVariables|parameters)(Details)?$/.test(name),
      );
      expect(record?.details ?? {}, each.type).toEqual(Object.fromEntries(withoutData));
    }
  });
});

describe('levels', () => {
  const typesAt = (level: 'OFF' | 'FATAL' | 'ERROR' | 'ALL') =>
    EVERY_EVENT.map(({ type }) => type).filter((type) => isLogged(level, type));

  test('ALL logs everything, OFF nothing', () => {
    expect(typesAt('ALL')).toHaveLength(EVERY_EVENT.length);
    expect(typesAt('OFF')).toEqual([]);
  });

  test('FATAL logs that the execution ended without success', () => {
    expect(typesAt('FATAL')).toEqual(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);
  });

  test('ERROR logs all that fails, times out or is aborted, and Fail states', () => {
    expect(typesAt('ERROR').join(' ')).toMatchInlineSnapshot(
      `"ActivityFailed ActivityScheduleFailed ActivityTimedOut EvaluationFailed ExecutionAborted ExecutionFailed ExecutionTimedOut FailStateEntered LambdaFunctionFailed LambdaFunctionScheduleFailed LambdaFunctionStartFailed LambdaFunctionTimedOut MapIterationAborted MapIterationFailed MapStateAborted MapStateFailed ParallelStateAborted ParallelStateFailed TaskFailed TaskStartFailed TaskStateAborted TaskSubmitFailed TaskTimedOut WaitStateAborted"`,
    );
  });

  test('a type is logged at its own level and at those above', () => {
    for (const { type } of EVERY_EVENT) {
      const own = levelOf(type);
      expect(isLogged(own, type)).toBe(true);
      if (own !== 'FATAL') expect(isLogged('FATAL', type)).toBe(false);
    }
  });
});

describe('a payload beyond 248 KiB', () => {
  const detailsOf = (type: 'PassStateEntered' | 'PassStateExited' | 'TaskScheduled', details: object) =>
    toLogRecord(event(type, details), about, true)?.details ?? {};
  const text = (length: number, character = 'x') => Payload.fromValue(character.repeat(length));

  test('is cut off there, and said to be', () => {
    const { input, inputDetails } = detailsOf('PassStateEntered', { name: 'A', input: text(300 * KIB) });
    expect(inputDetails).toEqual({ truncated: true });
    // The quotation mark before it takes two bytes in the record.
    expect(input).toBe(`"${'x'.repeat(248 * KIB - 2)}`);
  });

  test('counts as it is written into the record', () => {
    const { output, outputDetails } = detailsOf('PassStateExited', {
      name: 'A',
      output: text(100 * KIB, '\u0001'),
    });
    expect(outputDetails).toEqual({ truncated: true });
    expect(JSON.stringify(output).length - 2).toBeLessThanOrEqual(248 * KIB);
    const whole = detailsOf('PassStateExited', { name: 'A', output: text(248 * KIB - 4) });
    expect(whole.outputDetails).toEqual({ truncated: false });
  });

  test('leaves no room for what comes after it', () => {
    const details = detailsOf('PassStateExited', {
      name: 'A',
      output: text(200 * KIB),
      assignedVariables: { a: text(40 * KIB), b: text(100 * KIB), c: text(1) },
    });
    expect(details).toMatchObject({
      outputDetails: { truncated: false },
      assignedVariablesDetails: { truncated: true },
    });
    const variables = details.assignedVariables as Record<string, string>;
    expect(Object.keys(variables)).toEqual(['a', 'b']);
    expect(variables.a).toHaveLength(40 * KIB + 2);
    expect(variables.b?.length).toBeLessThan(8 * KIB);
  });

  test('of a task is cut too', () => {
    const details = detailsOf('TaskScheduled', { region: 'r', parameters: text(300 * KIB) });
    expect(details).toMatchObject({ region: 'r', parametersDetails: { truncated: true } });
  });

  test('is never cut within a character, and never takes more than there may be', () => {
    const unit = fc.constantFrom('x', '"', '\\', '\n', '\u0001', 'ä', '€', '😀', '\ud800');
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 5 }), (units) => {
        const input = Payload.fromText(`"${units.join('').repeat(100 * KIB)}`);
        const { input: cut } = detailsOf('PassStateEntered', { name: 'A', input });
        const bytes = Buffer.byteLength(JSON.stringify(cut)) - 2;
        expect(bytes).toBeLessThanOrEqual(248 * KIB);
        if (cut !== input.text) expect(bytes).toBeGreaterThan(248 * KIB - 6);
        expect(input.text.startsWith(String(cut))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
