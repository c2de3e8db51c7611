/** Every rule finds what it is for: faults are planted in evidence that has none. */
import { expect, test } from 'vitest';
import { RULES, type Violation, violationsIn } from './checker.ts';
import type { Evidence, ExecutionEvidence } from './evidence.ts';
import { GOOD } from './small-evidence.ts';

type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
type Plant = (evidence: Mutable<Evidence>) => void;

function executionIn({ executions }: Mutable<Evidence>, name: string): Mutable<ExecutionEvidence> {
  const found = executions.find(({ executionArn }) => executionArn.endsWith(`:${name}`));
  if (found === undefined) throw new Error(`There is no execution ${name}`);
  return found;
}

function eventOf(
  evidence: Mutable<Evidence>,
  name: string,
  id: number,
): Mutable<ExecutionEvidence>['events'][number] {
  const event = executionIn(evidence, name).events[id - 1];
  if (event === undefined) throw new Error(`There is no event ${id} in ${name}`);
  return event;
}

function without(evidence: Mutable<Evidence>, name: string): void {
  const gone = executionIn(evidence, name);
  evidence.executions = evidence.executions.filter((execution) => execution !== gone);
}

/** By rule, so that the compiler misses the faults of a new one. */
const PLANTED: Record<Violation['rule'], Record<string, readonly [Plant, RegExp]>> = {
  nothingIsLost: {
    'an acknowledged start that is not there': [
      (evidence) => without(evidence, 'retried'),
      /:retried was acknowledged and is not there/,
    ],
  },
  nothingIsInvented: {
    'an execution that nobody started': [
      (evidence) => {
        evidence.starts = evidence.starts.slice(1);
      },
      /:retried was started by nobody/,
    ],
    'a child whose parent is not there': [
      (evidence) => without(evidence, 'parent'),
      /:child was started by nobody/,
    ],
  },
  endsAreAsTold: {
    'an execution that goes on': [
      (evidence) => executionIn(evidence, 'retried').events.pop(),
      /:retried has not ended/,
    ],
    'another output': [
      (evidence) => {
        executionIn(evidence, 'retried').input.must = [{ status: 'SUCCEEDED', output: 'other' }];
      },
      /:retried had to end as .*"other".* after 0 redrives/,
    ],
    'another status': [
      (evidence) => {
        executionIn(evidence, 'second').input.must = [{ status: 'SUCCEEDED', output: 'done' }];
      },
      /:second had to end as .* ended with .*ExecutionTimedOut/,
    ],
    'another error, after a redrive': [
      (evidence) => {
        executionIn(evidence, 'redriven').input.must[1] = { status: 'FAILED', errors: ['Again'] };
      },
      /:redriven had to end as .*Again.* after 1 redrives/,
    ],
    'a stop that nobody asked for': [
      (evidence) => {
        evidence.stops = [];
      },
      /:redriven was stopped by nobody/,
    ],
    'a child that was stopped while its parent waited': [
      (evidence) => {
        eventOf(evidence, 'second', 3).type = 'ExecutionAborted';
      },
      /:second was stopped by nobody/,
    ],
  },
  historiesAreWellFormed: {
    'a clock that ran backwards': [
      (evidence) => {
        eventOf(evidence, 'retried', 4).timestamp = 0;
      },
      /:retried: event 4 LambdaFunctionStarted is earlier than event 3/,
    ],
    'an id that is missing': [
      (evidence) => executionIn(evidence, 'retried').events.splice(4, 1),
      /:retried: event 5 has the id 6/,
    ],
  },
  rowsMatchJournals: {
    'a journal row that is missing': [
      (evidence) => {
        executionIn(evidence, 'retried').seqs = [1, 3];
      },
      /:retried: journal row 2 is missing/,
    ],
    'a head that is behind': [
      (evidence) => {
        executionIn(evidence, 'retried').headSeq = 2;
      },
      /:retried: its row says that it has 2 journal rows, and it has 3/,
    ],
    'a next event that is there already': [
      (evidence) => {
        executionIn(evidence, 'retried').nextEventId = 10;
      },
      /:retried: its row says that event 10 is next, after 10/,
    ],
    'another status': [
      (evidence) => {
        executionIn(evidence, 'retried').status = 'RUNNING';
      },
      /:retried: its row says RUNNING, its history SUCCEEDED/,
    ],
    'another output': [
      (evidence) => {
        executionIn(evidence, 'retried').output = '"other"';
      },
      /:retried: its row has another output/,
    ],
  },
  leasesAreGivenBack: {
    'a closed execution that somebody holds': [
      (evidence) => {
        executionIn(evidence, 'retried').owner = '7';
      },
      /:retried is still owned by worker 7/,
    ],
  },
  callsAreReceivedOnce: {
    'an attempt that was sent again': [
      (evidence) => evidence.calls.push(...evidence.calls.slice(0, 1)),
      /:retried#3 was received 2 times/,
    ],
  },
  callsAreAnnounced: {
    'a call before its append': [
      (evidence) => {
        eventOf(evidence, 'called-back', 3).type = 'TaskStateEntered';
      },
      /:called-back#3 was received, and no history has it/,
    ],
  },
  successesWereCalled: {
    'a success out of nothing': [
      (evidence) => evidence.calls.splice(1, 1),
      /:retried#6 succeeded, and was never received/,
    ],
    'a result of another call': [
      (evidence) => {
        const [, call] = evidence.calls;
        if (call) call.result = '"other"';
      },
      /:retried#6 was answered "other", and its history says "done"/,
    ],
  },
  answersCountOnce: {
    'an acknowledged answer that does not count': [
      (evidence) => {
        const [, second] = evidence.answers;
        if (second) second.outcome = 'acknowledged';
      },
      /:called-back#3: answer answer-2 was acknowledged, and event 6 has answer-1/,
    ],
    'two acknowledged answers': [
      (evidence) => {
        for (const answer of evidence.answers) answer.outcome = 'acknowledged';
      },
      /:called-back#3: its token took 2 answers/,
    ],
    'an acknowledged answer to a task that failed by itself': [
      (evidence) => {
        for (const answer of evidence.answers.slice(0, 1)) answer.outcome = 'acknowledged';
        const event = eventOf(evidence, 'called-back', 6);
        event.type = 'TaskFailed';
        event.taskFailedEventDetails = { resource: 'invoke.waitForTaskToken', cause: 'The worker is gone' };
        event.taskSucceededEventDetails = undefined;
      },
      /:called-back#3: answer answer-1 was acknowledged, and event 6 has none/,
    ],
  },
  answersWereSent: {
    'an answer that nobody sent': [
      (evidence) => {
        evidence.answers = evidence.answers.slice(1);
      },
      /:called-back#3 ended by answer answer-1, which nobody sent to its token/,
    ],
    'an answer to a task that another worker had': [
      (evidence) => {
        eventOf(evidence, 'active', 7).activityStartedEventDetails = { workerName: 'poll-3' };
      },
      /:active#6 ended by answer answer-3, which nobody sent to its token/,
    ],
    'an answer to another token': [
      (evidence) => {
        for (const answer of evidence.answers) answer.token = 'other';
      },
      /:called-back#3 ended by answer answer-1, which nobody sent to its token/,
    ],
  },
  activityTasksGoToOneWorker: {
    'a task that two workers were given': [
      (evidence) => {
        evidence.polls.push({ id: 'poll-4', outcome: 'acknowledged', token: 'task' });
      },
      /poll-2,poll-4 were all given the task task/,
    ],
    'two tasks for one worker': [
      (evidence) => {
        eventOf(evidence, 'active', 4).activityStartedEventDetails = { workerName: 'poll-2' };
      },
      /:active#3,.*:active#6 were all started by poll-2/,
    ],
    'a worker that was given nothing': [
      (evidence) => {
        eventOf(evidence, 'active', 4).activityStartedEventDetails = { workerName: 'poll-3' };
      },
      /:active#3 was started by poll-3, which was given no task/,
    ],
  },
  syncRunsAtMostOnce: {
    'a call that was made again': [
      (evidence) => evidence.calls.push(...evidence.calls.slice(-1)),
      /synchronous execution s1 called sync-second 2 times/,
    ],
    'a call of one whose caller has hung up, made again': [
      (evidence) => {
        for (const call of evidence.calls.slice(-2)) Object.assign(call, { payload: { id: 's2' } });
        evidence.calls.push(...evidence.calls.slice(-2));
      },
      /synchronous execution s2 called sync-first 2 times/,
    ],
    'a call that was left out': [
      (evidence) => evidence.calls.splice(-2, 1),
      /synchronous execution s1 called sync-second, and never sync-first/,
    ],
  },
  syncAnswersAreTrue: {
    'a success that has not happened': [
      (evidence) => evidence.calls.pop(),
      /synchronous execution s1 was answered, and never called sync-second/,
    ],
    'a failure out of nothing': [
      (evidence) => {
        for (const start of evidence.syncStarts.slice(0, 1)) start.status = 'FAILED';
      },
      /synchronous execution s1 was answered FAILED/,
    ],
    "another one's output": [
      (evidence) => {
        for (const start of evidence.syncStarts.slice(0, 1)) start.output = '{"id":"s2"}';
      },
      /synchronous execution s1 was answered SUCCEEDED with {"id":"s2"}/,
    ],
    'a refusal': [
      (evidence) => {
        for (const start of evidence.syncStarts.slice(0, 1)) start.outcome = 'refused';
      },
      /synchronous execution s1 was refused/,
    ],
  },
  capsHold: {
    'one execution too many': [
      (evidence) => {
        for (const cap of evidence.caps) cap.mostUnderWay = 3;
      },
      /m had 3 executions under way, and a cap of 2/,
    ],
  },
  expressRunsAtLeastOnce: {
    'an Express execution that stops half-way': [
      (evidence) => {
        evidence.calls = evidence.calls.filter(({ functionName }) => functionName !== 'second');
      },
      /Express execution x1 was acknowledged and never called second/,
    ],
  },
  childrenStartOnce: {
    'two children of one attempt': [
      (evidence) => {
        const twin = structuredClone(executionIn(evidence, 'child'));
        twin.executionArn = `${twin.executionArn}-2`;
        evidence.executions.push(twin);
      },
      /:child-2: no attempt of .*:parent\/C1 has started that many/,
    ],
    'one child of two attempts': [
      (evidence) => {
        const submitted = eventOf(evidence, 'redriven', 8);
        submitted.taskSubmittedEventDetails = eventOf(evidence, 'parent', 5).taskSubmittedEventDetails;
      },
      /:child is the child of .*:parent#3 and of .*:redriven#6/,
    ],
    'a child that is not there': [
      (evidence) => without(evidence, 'child'),
      /:parent#3 has the child .*:child, which is not there or not its own/,
    ],
  },
  childrenEndAsParentsSay: {
    'a child that failed': [
      (evidence) => {
        executionIn(evidence, 'child').status = 'FAILED';
      },
      /:parent#3 ended with TaskSucceeded, and its child as FAILED/,
    ],
    'another output': [
      (evidence) => {
        executionIn(evidence, 'child').output = '"other"';
      },
      /:parent#3 has another output than its child/,
    ],
  },
  effectsAreThereOnce: {
    'an effect too many': [
      (evidence) => {
        evidence.effects = [...evidence.effects, ...evidence.effects];
      },
      /:effective\/Q1 has had 2 effects, and 1 successes/,
    ],
    'a success without effect': [
      (evidence) => {
        evidence.effects = [];
      },
      /:effective\/Q1 has had 0 effects, and 1 successes/,
    ],
    'an effect of an attempt that failed': [
      (evidence) => {
        eventOf(evidence, 'effective', 8).type = 'TaskFailed';
      },
      /:effective\/Q1 has had 1 effects, and 0 successes/,
    ],
  },
  stopsAreFinal: {
    'a stop after which it went on': [
      (evidence) => {
        for (const stop of evidence.stops) stop.stopDate = 1_700_000_002;
      },
      /:redriven: a stop was acknowledged with 1700000002, when nothing ended/,
    ],
  },
  redrivesHappenOnce: {
    'a redrive that was lost': [
      (evidence) => {
        for (const redrive of evidence.redrives) redrive.redriveDate = 1_700_000_005;
      },
      /:redriven: a redrive was acknowledged with 1700000005, and is not there/,
    ],
    'one redrive too many': [
      (evidence) => {
        evidence.redrives = [];
      },
      /:redriven was redriven 1 times, and asked to 0 times/,
    ],
  },
  nothingIsLeftOver: {
    'a row that nobody needs': [
      (evidence) => {
        evidence.leftovers.mail = [{ id: 1 }];
      },
      /1 mail are left, the first: {"id":1}/,
    ],
  },
  nothingCrashes: {
    'a process that ended': [
      (evidence) => {
        evidence.crashes = [{ process: 'worker-1', how: 'exit code 1' }];
      },
      /worker-1 ended by itself: exit code 1/,
    ],
  },
};

test('good evidence has no violations', () => {
  expect(violationsIn(GOOD)).toEqual([]);
});

const planted = Object.entries(PLANTED).flatMap(([rule, faults]) =>
  Object.entries(faults).map(([fault, [plant, sentence]]) => ({ rule, fault, plant, sentence })),
);

test.each(planted)('$rule finds $fault', ({ rule, plant, sentence }) => {
  const evidence = structuredClone(GOOD) as Mutable<Evidence>;
  plant(evidence);
  const found = violationsIn(evidence).filter((violation) => violation.rule === rule);
  expect(found).toContainEqual({ rule, sentence: expect.stringMatching(sentence) });
});

test('every rule has a fault planted for it', () => {
  expect(Object.keys(PLANTED).sort()).toEqual(Object.keys(RULES).sort());
});
