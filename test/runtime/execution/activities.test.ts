/** Tasks of activities: offered, then taken by a worker, then answered; both clocks start anew when they are taken. */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_LIMITS,
  type Execution,
  fold,
  type JournalEvent,
  nextDeadline,
  Payload,
  restore,
  snapshot,
  startedEvent,
  type Transition,
  type Trigger,
  toHistoryEvent,
  transition,
} from '../../../runtime/index.ts';
import { compile, decodeAll, outline, START_TIME } from '../../support/in-memory-run.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:activity:review';
const OTHER_ARN = 'arn:aws:states:us-east-1:000000000000:activity:other';

function reviewing(more: object = {}): object {
  return {
    StartAt: 'Review',
    States: { Review: { Type: 'Task', Resource: ARN, ...more, End: true } },
  };
}

class Reviewing {
  readonly execution: Execution;
  readonly journal: JournalEvent[];
  readonly #machine;

  constructor(definition = reviewing({ TimeoutSeconds: 100, HeartbeatSeconds: 30 })) {
    this.#machine = compile(definition);
    const first = startedEvent({
      identity: {
        executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
        executionName: 'run',
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
        stateMachineName: 'machine',
        region: 'us-east-1',
        secret: 'secret',
      },
      roleArn: 'role',
      input: '{"text":"draft"}',
      time: START_TIME,
      startAt: this.#machine.startAt,
      timeoutSeconds: undefined,
    });
    this.journal = [first];
    this.execution = fold([first]);
  }

  react(trigger: Trigger, seconds = 0, missing: readonly string[] = []): Transition {
    const time = START_TIME + seconds * 1000;
    const moment = { time, seed: [1, 2, 3, 4] as const, missingActivities: new Set(missing) };
    const made = transition(this.#machine, this.execution, trigger, moment, DEFAULT_LIMITS) as Transition;
    this.journal.push(...made.events);
    return made;
  }

  types(trigger: Trigger, seconds = 0): string[] {
    return this.react(trigger, seconds).events.map(({ type }) => type);
  }

  /** Seconds from the start to the next deadline. */
  get deadline(): number {
    return ((nextDeadline(this.execution) ?? Number.NaN) - START_TIME) / 1000;
  }

  get history() {
    return this.journal.flatMap((event) => toHistoryEvent(event, { includeExecutionData: true }) ?? []);
  }
}

const scheduledEventId = 3;
const proceed: Trigger = { kind: 'Proceed' };
const started: Trigger = { kind: 'ActivityStarted', scheduledEventId, workerName: 'Ada' };
const answered: Trigger = { kind: 'CallbackSucceeded', scheduledEventId, output: Payload.fromText('"ok"') };
const refused: Trigger = { kind: 'CallbackFailed', scheduledEventId, failure: { error: 'Refused' } };
const heartbeat: Trigger = { kind: 'HeartbeatReceived', scheduledEventId };
const tick: Trigger = { kind: 'ClockTicked' };

describe('a task of an activity', () => {
  test('is offered with its input and a token, and nothing is called', () => {
    const { effects } = new Reviewing().react(proceed);
    expect(effects).toEqual([
      {
        kind: 'OfferTask',
        task: expect.objectContaining({ scheduledEventId, token: expect.stringMatching(/^[0-9a-f]{64}$/) }),
      },
    ]);
    expect(effects[0]?.kind === 'OfferTask' && effects[0].task.input.text).toBe('{"text":"draft"}');
  });

  test('has the history of AWS', () => {
    const run = new Reviewing();
    for (const trigger of [proceed, started, answered]) run.react(trigger);
    expect(outline(run.history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 TaskStateEntered',
      '3<-2 ActivityScheduled',
      '4<-3 ActivityStarted',
      '5<-4 ActivitySucceeded',
      '6<-5 TaskStateExited',
      '7<-6 ExecutionSucceeded',
    ]);
    expect(run.history[2]?.activityScheduledEventDetails).toEqual({
      resource: ARN,
      input: '{"text":"draft"}',
      inputDetails: { truncated: false },
      timeoutInSeconds: 100,
      heartbeatInSeconds: 30,
    });
    expect(run.history[3]?.activityStartedEventDetails).toEqual({ workerName: 'Ada' });
  });

  test('shows no name of a worker that has none', () => {
    const run = new Reviewing();
    run.react(proceed);
    run.react({ kind: 'ActivityStarted', scheduledEventId });
    expect(run.history[3]?.activityStartedEventDetails).toEqual({});
  });

  test('is started once, and never after its end', () => {
    const run = new Reviewing();
    run.react(proceed);
    expect(run.types(started)).toEqual(['ActivityStarted']);
    expect(run.types(started, 5)).toEqual([]);
    run.react(refused, 5);
    expect(run.execution.status).toBe('FAILED');
    expect(run.types(started, 5)).toEqual([]);
  });

  test.each([
    ['fails', refused, ['ActivityFailed', 'ExecutionFailed']],
    ['succeeds', answered, ['ActivitySucceeded', 'TaskStateExited', 'ExecutionSucceeded']],
  ])('%s with the first answer alone', (_how, answer, types) => {
    const run = new Reviewing();
    run.react(proceed);
    run.react(started, 1);
    expect(run.types(answer, 2)).toEqual(types);
    expect([...run.types(answered, 3), ...run.types(heartbeat, 3), ...run.types(tick, 500)]).toEqual([]);
  });
});

describe('the clocks of an activity', () => {
  test('run from ActivityScheduled while no worker has the task', () => {
    const run = new Reviewing();
    run.react(proceed);
    expect(run.deadline).toBe(30);
    expect(run.types(tick, 30)).toEqual(['ActivityTimedOut', 'ExecutionFailed']);
    expect(outline(run.history).slice(3)).toEqual(['4<-3 ActivityTimedOut', '5<-4 ExecutionFailed']);
    expect(run.history[3]?.activityTimedOutEventDetails).toEqual({ error: 'States.Timeout' });
  });

  test('start anew from ActivityStarted', () => {
    const run = new Reviewing();
    run.react(proceed);
    run.react(started, 20);
    expect(run.deadline).toBe(50);
    run.react(heartbeat, 45);
    expect(run.deadline).toBe(75);
    for (const seconds of [70, 95]) run.react(heartbeat, seconds);
    // Heartbeats do not move TimeoutSeconds.
    expect(run.deadline).toBe(120);
    expect(run.types(tick, 119)).toEqual([]);
    expect(run.types(tick, 120)).toEqual(['ActivityTimedOut', 'ExecutionFailed']);
  });

  test('are those that the paths gave when it was scheduled', () => {
    const run = new Reviewing(
      reviewing({ TimeoutSecondsPath: '$.limit', Parameters: { 'text.$': '$.text' } }),
    );
    run.execution.branches.forEach((branch) => {
      branch.input = Payload.fromText('{"limit":40,"text":"t"}');
    });
    run.react(proceed);
    expect(run.deadline).toBe(40);
    run.react(started, 39);
    expect(run.deadline).toBe(79);
  });

  test('are none where there are none', () => {
    const run = new Reviewing(reviewing());
    run.react(proceed);
    run.react(started, 5);
    expect(nextDeadline(run.execution)).toBeUndefined();
    expect(run.types(heartbeat, 6)).toEqual(['HeartbeatReceived']);
    expect(nextDeadline(run.execution)).toBeUndefined();
  });

  test.each(['the journal', 'a snapshot'])('are the same after %s is read again', (source) => {
    const run = new Reviewing();
    run.react(proceed);
    run.react(started, 20);
    const again = source === 'the journal' ? fold(decodeAll(run.journal)) : restore(snapshot(run.execution));
    expect(nextDeadline(again)).toBe(nextDeadline(run.execution));
  });
});

describe('an activity that does not exist', () => {
  const missing = `The activity ${ARN} does not exist.`;

  test('fails the execution before anything is scheduled', () => {
    const run = new Reviewing();
    expect(run.react(proceed, 0, [ARN]).effects).toEqual([]);
    expect(outline(run.history)).toEqual([
      '1<-0 ExecutionStarted',
      '2<-0 TaskStateEntered',
      '3<-2 ExecutionFailed',
    ]);
    expect(run.execution.failure).toEqual({
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'Review' (entered at the event id #2). ${missing}`,
    });
  });

  test('cannot be retried or caught', () => {
    const run = new Reviewing({
      StartAt: 'Review',
      States: {
        Review: {
          Type: 'Task',
          Resource: ARN,
          Retry: [{ ErrorEquals: ['States.ALL'] }],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Done' }],
          Next: 'Done',
        },
        Done: { Type: 'Succeed' },
      },
    });
    run.react(proceed, 0, [ARN]);
    expect(run.execution.status).toBe('FAILED');
  });

  test('fails the next attempt, when it has gone since the one before', () => {
    const run = new Reviewing(reviewing({ Retry: [{ ErrorEquals: ['Refused'], IntervalSeconds: 1 }] }));
    run.react(proceed);
    run.react(started);
    run.react(refused);
    run.react(tick, 1, [ARN]);
    expect(outline(run.history).slice(4)).toEqual(['5<-4 ActivityFailed', '6<-5 ExecutionFailed']);
    expect(run.execution.failure?.cause).toContain(missing);
  });

  test('does not matter while no state needs it', () => {
    const run = new Reviewing();
    run.react(proceed, 0, [OTHER_ARN]);
    expect(run.history.at(-1)?.type).toBe('ActivityScheduled');
  });
});

test('a retry is another task with another token', () => {
  const run = new Reviewing(reviewing({ Retry: [{ ErrorEquals: ['Refused'], IntervalSeconds: 1 }] }));
  const offered = ({ effects }: Transition) =>
    effects.flatMap((effect) => (effect.kind === 'OfferTask' ? effect.task : []));
  const [first] = offered(run.react(proceed));
  run.react(started);
  run.react(refused);
  const [second] = offered(run.react(tick, 1));
  expect(second?.scheduledEventId).toBe(6);
  expect(second?.token).not.toBe(first?.token);
  expect(run.types(answered, 2)).toEqual([]);
  expect(run.types({ kind: 'ActivityStarted', scheduledEventId: 6 }, 2)).toEqual(['ActivityStarted']);
});

test('a machine knows the activities that its states name, each once, at any depth', () => {
  const task = (Resource: string) => ({ Type: 'Task', Resource, End: true });
  const machine = compile({
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'A', States: { A: task(ARN) } },
          {
            StartAt: 'Each',
            States: {
              Each: {
                Type: 'Map',
                ItemProcessor: {
                  StartAt: 'B',
                  States: { B: { ...task(OTHER_ARN), End: undefined, Next: 'C' }, C: task(ARN) },
                },
                End: true,
              },
            },
          },
        ],
        End: true,
      },
    },
  });
  expect([...machine.activityArns].sort()).toEqual([OTHER_ARN, ARN]);
});
