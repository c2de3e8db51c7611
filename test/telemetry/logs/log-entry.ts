import type { LogEntry } from '../../../telemetry/logs/log-destination.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000';

/** An entry of one execution. */
export function entry(id: number, size = 100, more: Partial<LogEntry> = {}): LogEntry {
  return {
    record: {
      id: String(id),
      type: 'PassStateEntered',
      details: { name: 'A' },
      previous_event_id: String(id - 1),
      event_timestamp: '1700000000000',
      execution_arn: `${ARN}:execution:orders:e`,
      redrive_count: '0',
    },
    stateMachineArn: `${ARN}:stateMachine:orders`,
    logGroupArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:/states/orders:*',
    time: 1_700_000_000_000,
    span: undefined,
    size,
    ...more,
  };
}
