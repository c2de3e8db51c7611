import { Payload } from '../data/payload.ts';
import type { Details, EventType, JournalEvent } from './event.ts';

/** An event as GetExecutionHistory answers it. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Seconds since 1970, with milliseconds as fraction. */
  readonly timestamp: number;
  readonly type: string;
  /** At most one `…EventDetails` member. */
  readonly [details: `${string}EventDetails`]: Readonly<Record<string, unknown>>;
}

/** Event types that AWS shows without a details member. */
const WITHOUT_DETAILS: ReadonlySet<EventType> = new Set<EventType>([
  'LambdaFunctionStarted',
  'TaskStateAborted',
  'WaitStateAborted',
  'ParallelStateAborted',
  'ParallelStateStarted',
  'ParallelStateSucceeded',
  'ParallelStateFailed',
  'MapStateAborted',
  'MapStateSucceeded',
  'MapStateFailed',
]);

/** What `includeExecutionData=false` leaves out; each is shown with a member of this name behind it. */
const EXECUTION_DATA: ReadonlyMap<string, string> = new Map([
  ['input', 'inputDetails'],
  ['output', 'outputDetails'],
  ['assignedVariables', 'assignedVariablesDetails'],
]);
const NOT_TRUNCATED = { truncated: false } as const;

type DetailsName = `${string}EventDetails`;
type Shown = Record<string, unknown>;

/** How an event type shows its details. */
interface Form {
  readonly member: DetailsName;
  readonly show: (details: object, includeExecutionData: boolean) => Shown;
}

/** By type, made when first asked for. */
const forms = new Map<EventType, Form>();

/**
 * The event in AWS's shape; undefined for internal records, which AWS does not have.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function toHistoryEvent(
  event: JournalEvent,
  options: { includeExecutionData: boolean },
): HistoryEvent | undefined {
  const { id, previousEventId, type } = event;
  if (id === 0) return undefined;
  const shown: Mutable<HistoryEvent> = { timestamp: event.timestamp / 1000, type, id, previousEventId };
  if (WITHOUT_DETAILS.has(type)) return shown;
  const form = forms.get(type) ?? formOf(type);
  shown[form.member] = form.show(event.details, options.includeExecutionData);
  return shown;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function formOf(type: EventType): Form {
  const form = newForm(type);
  forms.set(type, form);
  return form;
}

function newForm(type: EventType): Form {
  if (type.endsWith('StateEntered')) return { member: 'stateEnteredEventDetails', show: shownEntered };
  if (type.endsWith('StateExited')) return { member: 'stateExitedEventDetails', show: shownExited };
  return { member: `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`, show: shownDetails };
}

/** Most of a history are these two, and writing them out is several times as fast as {@link shownDetails}. */
function shownEntered(details: object, includeExecutionData: boolean): Shown {
  const { name, input } = details as Details<'PassStateEntered'>;
  return includeExecutionData ? { name, input: input.text, inputDetails: NOT_TRUNCATED } : { name };
}

function shownExited(details: object, includeExecutionData: boolean): Shown {
  const { name, output, assignedVariables } = details as Details<'PassStateExited'>;
  if (assignedVariables !== undefined) return shownDetails(details, includeExecutionData);
  return includeExecutionData ? { name, output: output.text, outputDetails: NOT_TRUNCATED } : { name };
}

function shownDetails(details: object, includeExecutionData: boolean): Shown {
  const shown: Shown = {};
  for (const key in details) {
    const value = (details as Readonly<Shown>)[key];
    if (value === undefined) continue;
    const behind = EXECUTION_DATA.get(key);
    if (behind === undefined) shown[key] = shownField(key, value);
    else if (includeExecutionData) {
      shown[key] = shownField(key, value);
      shown[behind] = NOT_TRUNCATED;
    }
  }
  return shown;
}

/** Payloads show as JSON text. */
function shownField(key: string, value: unknown): unknown {
  if (value instanceof Payload) return value.text;
  if (key !== 'assignedVariables') return value;
  const variables = value as Readonly<Record<string, Payload>>;
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, variable.text]));
}
