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

/** How events of a type are shown. */
type Form = (event: JournalEvent, includeExecutionData: boolean) => HistoryEvent;

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
  if (event.id === 0) return undefined;
  const form = forms.get(event.type) ?? formOf(event.type);
  return form(event, options.includeExecutionData);
}

function formOf(type: EventType): Form {
  const form = newForm(type);
  forms.set(type, form);
  return form;
}

function newForm(type: EventType): Form {
  if (WITHOUT_DETAILS.has(type)) return envelope;
  if (type.endsWith('StateEntered')) return showEntered;
  if (type.endsWith('StateExited')) return showExited;
  const member: DetailsName = `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`;
  return (event, includeExecutionData) => {
    const shown: HistoryEvent & Record<DetailsName, Shown> = envelope(event);
    shown[member] = shownDetails(event.details, includeExecutionData);
    return shown;
  };
}

function envelope({
  timestamp,
  type,
  id,
  previousEventId,
}: JournalEvent): Pick<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'> {
  return { timestamp: timestamp / 1000, type, id, previousEventId };
}

/** Most of a history are these two; written out they are several times as fast as what fits all types. */
function showEntered(event: JournalEvent, includeExecutionData: boolean): HistoryEvent {
  const { timestamp, type, id, previousEventId } = event;
  const { name, input } = event.details as Details<'PassStateEntered'>;
  const stateEnteredEventDetails = includeExecutionData
    ? { name, input: input.text, inputDetails: NOT_TRUNCATED }
    : { name };
  return { timestamp: timestamp / 1000, type, id, previousEventId, stateEnteredEventDetails };
}

function showExited(event: JournalEvent, includeExecutionData: boolean): HistoryEvent {
  const { timestamp, type, id, previousEventId } = event;
  const details = event.details as Details<'PassStateExited'>;
  const { name, output } = details;
  const isPlain = includeExecutionData && details.assignedVariables === undefined;
  const stateExitedEventDetails = isPlain
    ? { name, output: output.text, outputDetails: NOT_TRUNCATED }
    : shownDetails(details, includeExecutionData);
  return { timestamp: timestamp / 1000, type, id, previousEventId, stateExitedEventDetails };
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
