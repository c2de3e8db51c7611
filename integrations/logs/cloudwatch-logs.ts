import { randomBytes } from 'node:crypto';
import { type LogDestination, type LogEntry, PartlyWritten } from '../../telemetry/logs/log-destination.ts';
import { type LogUpload, streamOf, uploadsOf } from './log-uploads.ts';
import { type LogsAnswer, type LogsApi, logGroupOf, openLogsApi } from './logs-api.ts';

/** Log streams whose names are remembered; of others, new ones are begun. */
const STREAMS_MAX = 10_000;

/** The same request may well be taken later. */
const PASSING = new Set([
  'OperationAbortedException',
  'RequestLimitExceeded',
  'ServiceUnavailableException',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/**
 * Log groups of the CloudWatch Logs API. Undefined when there is no endpoint.
 * @throws Error naming the variable that is not usable
 */
export function createCloudWatchLogs(env: NodeJS.ProcessEnv): LogDestination | undefined {
  const api = openLogsApi(env);
  return api && new CloudWatchLogs(api);
}

type Refuse = Parameters<LogDestination['write']>[1];

class CloudWatchLogs implements LogDestination {
  readonly #api: LogsApi;
  /** This process's log stream of a log group and a state machine. */
  readonly #streams = new Map<string, string>();

  constructor(api: LogsApi) {
    this.#api = api;
  }

  async write(entries: readonly LogEntry[], refuse: Refuse): Promise<void> {
    const uploads = uploadsOf(entries);
    for (const [i, upload] of uploads.entries()) {
      try {
        await this.#upload(upload, refuse);
      } catch (error) {
        const left = uploads.slice(i).flatMap((later) => later.entries);
        throw new PartlyWritten(left, error);
      }
    }
  }

  async close(): Promise<void> {
    this.#api.close();
  }

  async #upload(upload: LogUpload, refuse: Refuse): Promise<void> {
    const answer = await this.#send(upload);
    if (answer.kind === 'ok') {
      const rejected = rejectedOf(answer.output, upload.events.length);
      if (rejected > 0) refuse(rejected, 'CloudWatch Logs takes no events of that time');
    } else if (isPassing(answer)) throw new Error(`CloudWatch Logs: ${describe(answer)}`);
    else refuse(upload.events.length, `CloudWatch Logs: ${describe(answer)} for ${upload.logGroupArn}`);
  }

  async #send(upload: LogUpload): Promise<LogsAnswer> {
    const stream = this.#streams.get(streamOf(upload));
    const answer = stream && (await this.#put(upload, stream));
    // Whoever deleted the log group may have made it again.
    return !answer || isError(answer, 'ResourceNotFoundException') ? this.#sendToNewStream(upload) : answer;
  }

  async #sendToNewStream(upload: LogUpload): Promise<LogsAnswer> {
    const { region, name } = logGroupOf(upload.logGroupArn);
    const stream = newStreamName(upload.stateMachineArn);
    const created = await this.#api.call('CreateLogStream', region, {
      logGroupName: name,
      logStreamName: stream,
    });
    if (created.kind !== 'ok' && !isError(created, 'ResourceAlreadyExistsException')) return created;
    this.#remember(streamOf(upload), stream);
    return this.#put(upload, stream);
  }

  #put({ logGroupArn, events }: LogUpload, stream: string): Promise<LogsAnswer> {
    const { region, name } = logGroupOf(logGroupArn);
    return this.#api.call('PutLogEvents', region, {
      logGroupName: name,
      logStreamName: stream,
      logEvents: events,
    });
  }

  #remember(key: string, stream: string): void {
    this.#streams.set(key, stream);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > STREAMS_MAX && oldest !== undefined) this.#streams.delete(oldest);
  }
}

/** `states/<state machine>/<yyyy-mm-dd-hh-mm>/<hash>`, as AWS names them. */
function newStreamName(stateMachineArn: string): string {
  const name = stateMachineArn.split(':')[6] ?? '';
  const minute = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
  return `states/${name}/${minute}/${randomBytes(4).toString('hex')}`;
}

function isError(answer: LogsAnswer, code: string): boolean {
  return answer.kind === 'error' && answer.code === code;
}

type Failed = Exclude<LogsAnswer, { kind: 'ok' }>;

function isPassing(answer: Failed): boolean {
  return answer.kind !== 'error' || answer.status >= 500 || PASSING.has(answer.code ?? '');
}

function describe(answer: Failed): string {
  return answer.kind === 'error' ? `${answer.code ?? 'an error'} (HTTP ${answer.status})` : answer.message;
}

/** How many of the events were not taken: those that are too old stand first, those from the future last. */
function rejectedOf(
  { rejectedLogEventsInfo: info }: Readonly<Record<string, unknown>>,
  count: number,
): number {
  if (typeof info !== 'object' || info === null) return 0;
  const indexOf = (name: string): number | undefined => {
    const index: unknown = (info as Readonly<Record<string, unknown>>)[name];
    return typeof index === 'number' ? index : undefined;
  };
  const past = Math.max(indexOf('tooOldLogEventEndIndex') ?? 0, indexOf('expiredLogEventEndIndex') ?? 0);
  return past + count - (indexOf('tooNewLogEventStartIndex') ?? count);
}
