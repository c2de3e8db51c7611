/**
 * What AWS delivers to a log group: a record for each history event.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export interface LogRecord {
  readonly id: string;
  readonly type: string;
  /** The event's details, without an object of their own for each type. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly previous_event_id: string;
  /** ms since 1970. */
  readonly event_timestamp: string;
  readonly execution_arn: string;
  readonly redrive_count: string;
}
