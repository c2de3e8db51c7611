import { Payload } from '../data/payload.ts';
import { isInternal } from './codec.ts';
import type { EventType, JournalEvent } from './event.ts';

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

/** What `includeExecutionData=false` leaves out. */
const EXECUTION_DATA = new Set(['input', 'output', 'assignedVariables']);
const NOT_TRUNCATED = { truncated: false } as const;

/**
 * The event in AWS's shape; undefined for internal records, which AWS does not have.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function toHistoryEvent(
  event: JournalEvent,
  options: { includeExecutionData: boolean },
): HistoryEvent | undefined {
  if (isInternal(event.type)) return undefined;
  const { id, previousEventId, type } = event;
  const envelope = { timestamp: event.timestamp / 1000, type, id, previousEventId };
  if (WITHOUT_DETAILS.has(type)) return envelope;
  return { ...envelope, [detailsName(type)]: shownDetails(event.details, options.includeExecutionData) };
}

function detailsName(type: EventType): `${string}EventDetails` {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`;
}

function shownDetails(details: object, includeExecutionData: boolean): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(details)) {
    if (value === undefined || (!includeExecutionData && EXECUTION_DATA.has(key))) continue;
    shown[key] = shownField(key, value);
    if (EXECUTION_DATA.has(key)) shown[`${key}Details`] = NOT_TRUNCATED;
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
