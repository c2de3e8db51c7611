/**
 * The text form of journal rows. A body is the JSON of its events, then each payload's own text, all separated
 * by U+001F, which valid JSON cannot contain. So a payload that repeats inside a row is stored once, is never
 * escaped, and comes back byte for byte; defaults are left out.
 */
import { Payload } from '../data/payload.ts';
import type { EventType, InternalEventType, JournalEvent } from './event.ts';

const SEPARATOR = '\u001f';

/** The fields that hold a payload; in a body they hold the payload's number in the row. */
const PAYLOAD_FIELDS = ['input', 'output', 'parameters', 'items'] as const;

const INTERNAL: ReadonlySet<EventType> = new Set<InternalEventType>([
  'RetryScheduled',
  'HeartbeatReceived',
  'CallbackReceived',
]);

/** Internal records have no event id and no place in the history AWS shows. */
export function isInternal(type: EventType): type is InternalEventType {
  return INTERNAL.has(type);
}

/** An event as it stands in a body. */
interface StoredEvent {
  type: EventType;
  /** ms since 1970; absent: as the event before it. */
  time?: number;
  /** Absent: the event before it by id. */
  previous?: number;
  /** Absent: 0. */
  branch?: number;
  details?: Record<string, unknown>;
  private?: Record<string, unknown>;
}

/** Writes the body of one journal row. Put together as text: to make objects for JSON.stringify costs a third more. */
export function encodeEvents(events: readonly JournalEvent[]): string {
  const payloads = new Map<Payload, number>();
  let time: number | undefined;
  let head = '';
  for (const event of events) {
    head += head === '' ? '[' : ',';
    head += `{"type":"${event.type}"`;
    if (event.timestamp !== time) head += `,"time":${event.timestamp}`;
    time = event.timestamp;
    if (event.previousEventId !== event.id - 1) head += `,"previous":${event.previousEventId}`;
    if (event.branch !== 0) head += `,"branch":${event.branch}`;
    const details = encodeFields(event.details, payloads);
    if (details !== '') head += `,"details":{${details}}`;
    const own = encodeFields(event.private, payloads);
    if (own !== '') head += `,"private":{${own}}`;
    head += '}';
  }
  let body = head === '' ? '[]' : `${head}]`;
  for (const payload of payloads.keys()) body += SEPARATOR + payload.text;
  return body;
}

/**
 * Reads the body of one journal row.
 * @param firstEventId the id of the row's first event that has one
 */
export function decodeEvents(body: string, firstEventId: number): JournalEvent[] {
  const [head = '', ...texts] = body.split(SEPARATOR);
  const payloads = texts.map((text) => Payload.fromText(text));
  let nextId = firstEventId;
  let time = 0;
  return (JSON.parse(head) as StoredEvent[]).map((stored) => {
    const id = isInternal(stored.type) ? 0 : nextId++;
    time = stored.time ?? time;
    return {
      type: stored.type,
      id,
      previousEventId: stored.previous ?? id - 1,
      timestamp: time,
      branch: stored.branch ?? 0,
      details: decodeFields(stored.details, payloads),
      private: decodeFields(stored.private, payloads),
    } as JournalEvent;
  });
}

/** The members of an object; their names are our own. */
function encodeFields(fields: object, payloads: Map<Payload, number>): string {
  let out = '';
  for (const key in fields) {
    const value = (fields as Readonly<Record<string, unknown>>)[key];
    if (value === undefined) continue;
    if (out !== '') out += ',';
    out += `"${key}":`;
    if (value instanceof Payload) out += numberOf(value, payloads);
    else if (key === 'assignedVariables')
      out += JSON.stringify(encodeVariables(value as Record<string, Payload>, payloads));
    else out += JSON.stringify(value);
  }
  return out;
}

function numberOf(payload: Payload, payloads: Map<Payload, number>): number {
  let number = payloads.get(payload);
  if (number === undefined) {
    number = payloads.size;
    payloads.set(payload, number);
  }
  return number;
}

/** As pairs, so that a variable may have any name. */
function encodeVariables(
  variables: Record<string, Payload>,
  payloads: Map<Payload, number>,
): [string, number][] {
  return Object.entries(variables).map(([name, value]) => [name, numberOf(value, payloads)]);
}

function decodeFields(
  fields: Record<string, unknown> | undefined,
  payloads: readonly Payload[],
): Record<string, unknown> {
  if (fields === undefined) return {};
  for (const key of PAYLOAD_FIELDS) {
    const number = fields[key];
    if (typeof number === 'number') fields[key] = payloads[number];
  }
  if (fields.assignedVariables !== undefined)
    fields.assignedVariables = Object.fromEntries(
      (fields.assignedVariables as [string, number][]).map(([name, number]) => [name, payloads[number]]),
    );
  return fields;
}
