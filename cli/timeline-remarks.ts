/** What a timeline says of an event. */
import type { HistoryEvent } from './client.ts';
import { abbreviate } from './terminal.ts';
import { duration } from './time.ts';

export interface Remark {
  readonly mark: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'notable';
}

/** An event that later ones may chain to. */
export interface Seen {
  readonly event: HistoryEvent;
  /** Earlier attempts in the same state. */
  readonly retries: number;
  /** An exit by way of a Catcher. */
  readonly caught: boolean;
}

type Narrator = (seen: Seen, before: HistoryEvent | undefined) => Remark;

/** The first pattern that matches an event's type tells of it; events that match none go untold. */
const NARRATORS: readonly (readonly [type: RegExp, narrator: Narrator])[] = [
  [/^ExecutionStarted$/, ({ event }) => plain('●', `started with ${payload(details(event).input)}`)],
  [/^ExecutionSucceeded$/, ({ event }) => good('●', `SUCCEEDED with ${payload(details(event).output)}`)],
  [/^ExecutionFailed$/, ({ event }) => bad('●', `FAILED: ${failure(event)}`)],
  [/^ExecutionTimedOut$/, ({ event }) => bad('●', `TIMED_OUT: ${failure(event)}`)],
  [/^ExecutionAborted$/, ({ event }) => bad('●', `ABORTED: ${failure(event)}`)],
  [/^ExecutionRedriven$/, ({ event }) => notable('↻', `redriven (${String(details(event).redriveCount)})`)],
  [/^PassStateExited$/, ({ event }) => plain('·', `passes on ${payload(details(event).output)}`)],
  [/^WaitStateEntered$/, () => plain('◷', 'waits')],
  [/^WaitStateExited$/, ({ event }, before) => good('✓', `waited ${since(event, before)}`)],
  [/^FailStateEntered$/, () => bad('✗', 'ends the execution as failed')],
  [/^(LambdaFunction|Activity|Task)Scheduled$/, scheduled],
  [/^(LambdaFunction|Activity|Task)Succeeded$/, ({ event }) => good('✓', taskOutput(event))],
  [
    /^ActivityStarted$/,
    ({ event }) => plain('…', `taken by ${String(details(event).workerName ?? 'a worker')}`),
  ],
  [/^TaskSubmitted$/, () => plain('…', 'submitted; awaits its end')],
  [
    /^(Parallel|Map)StateStarted$/,
    ({ event, retries }, before) =>
      retries === 0 || !before || !isFailure(before.type)
        ? plain('⇉', work(event))
        : notable('↻', `retry ${retries} after ${since(event, before)}: ${work(event)}`),
  ],
  [/^ParallelStateSucceeded$/, () => good('✓', 'all branches are done')],
  [/^MapStateSucceeded$/, () => good('✓', 'all items are done')],
  [/^(Parallel|Map)StateFailed$/, () => bad('✗', 'failed')],
  [/^MapIterationAborted$/, ({ event }) => bad('⊘', `item ${String(details(event).index)} is given up`)],
  [/^(LambdaFunction|Activity|Task|Evaluation).*(Failed|TimedOut)$/, ({ event }) => bad('✗', failure(event))],
];

export function remarkOn(seen: Seen, before: HistoryEvent | undefined): Remark | undefined {
  return NARRATORS.find(([type]) => type.test(seen.event.type))?.[1](seen, before);
}

/** Said of a state once the next one is known: what a Choice chose, where a Catcher led. */
export function turnTaken(event: HistoryEvent, before: Seen): Remark | undefined {
  const next = stateName(event);
  if (!event.type.endsWith('StateEntered') || next === undefined) return undefined;
  if (before.caught) return notable('↪', `caught: goes on with ${next}`);
  return before.event.type === 'ChoiceStateExited' ? plain('◇', `chooses ${next}`) : undefined;
}

/** The name that an entered or exited event or an iteration bears. */
export function stateName(event: HistoryEvent): string | undefined {
  const details = event.stateEnteredEventDetails ?? event.stateExitedEventDetails ?? iterationDetails(event);
  return typeof details?.name === 'string' ? details.name : undefined;
}

export function isFailure(type: string): boolean {
  return /(Failed|TimedOut)$/.test(type);
}

/** Of an event that opens or ends a Map iteration: its `name` and `index`. */
export function iterationDetails(event: HistoryEvent): Readonly<Record<string, unknown>> | undefined {
  return (
    event.mapIterationStartedEventDetails ??
    event.mapIterationSucceededEventDetails ??
    event.mapIterationFailedEventDetails ??
    event.mapIterationAbortedEventDetails
  );
}

function scheduled({ event, retries }: Seen, before: HistoryEvent | undefined): Remark {
  const call = `${event.type === 'ActivityScheduled' ? 'waits for a worker of' : 'calls'} ${callee(event)}`;
  const again = before !== undefined && isFailure(before.type);
  return again ? notable('↻', `retry ${retries} after ${since(event, before)}: ${call}`) : plain('▸', call);
}

function callee(event: HistoryEvent): string {
  const { resourceType, resource, parameters } = details(event);
  if (resourceType === 'lambda') return afterArn(member(parameters, 'FunctionName'));
  return resourceType === undefined ? afterArn(resource) : `${String(resourceType)}:${String(resource)}`;
}

/** Of the ARN of a function or of an activity its name, with the qualifier if there is one. */
function afterArn(arn: unknown): string {
  return String(arn).replace(/^.*:(function|activity):/, '');
}

function work(event: HistoryEvent): string {
  if (event.type === 'ParallelStateStarted') return 'runs its branches side by side';
  const length = Number(details(event).length);
  return `maps over ${length} ${length === 1 ? 'item' : 'items'}`;
}

/** A Lambda function's answer shows without the envelope that the optimised integration puts around it. */
function taskOutput(event: HistoryEvent): string {
  const { resourceType, output } = details(event);
  const answer = resourceType === 'lambda' ? member(output, 'Payload') : undefined;
  return answer === undefined ? payload(output) : payload(JSON.stringify(answer));
}

function failure(event: HistoryEvent): string {
  const { error, cause } = details(event);
  const message = member(cause, 'errorMessage') ?? cause;
  return abbreviate(
    [error, message].filter((part) => part !== undefined).join(': ') || 'without an error',
    160,
  );
}

/** A member of an object that is given as JSON text. */
function member(text: unknown, name: string): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  } catch {
    return undefined;
  }
}

function details(event: HistoryEvent): Readonly<Record<string, unknown>> {
  const [, value] = Object.entries(event).find(([name]) => name.endsWith('EventDetails')) ?? [];
  return (value as Readonly<Record<string, unknown>> | undefined) ?? {};
}

function payload(text: unknown): string {
  return text === undefined ? '(no data)' : abbreviate(String(text), 160);
}

function since(event: HistoryEvent, before: HistoryEvent | undefined): string {
  return duration(event.timestamp - (before?.timestamp ?? event.timestamp));
}

const plain = (mark: string, text: string): Remark => ({ mark, text, tone: 'plain' });
const good = (mark: string, text: string): Remark => ({ mark, text, tone: 'good' });
const bad = (mark: string, text: string): Remark => ({ mark, text, tone: 'bad' });
const notable = (mark: string, text: string): Remark => ({ mark, text, tone: 'notable' });
