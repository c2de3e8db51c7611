import { Payload, type Trigger } from '../runtime/index.ts';
import type { LeaseStore, Mail } from '../store/lease.ts';
import { readEndedChild } from './ended-child.ts';
import type { Service } from './services/service.ts';
import { SharedRun } from './services/shared-run.ts';

/** What the mail says to the execution. */
export function toTrigger(mail: Mail): Trigger {
  return READ[mail.kind](mail.scheduledEventId, mail.body);
}

const READ: Record<Mail['kind'], (scheduledEventId: number, body: string) => Trigger> = {
  CallbackSucceeded: (scheduledEventId, body) => ({
    kind: 'CallbackSucceeded',
    scheduledEventId,
    output: Payload.fromText(body),
  }),
  CallbackFailed: (scheduledEventId, body) => ({
    kind: 'CallbackFailed',
    scheduledEventId,
    failure: failureOf(body),
  }),
  HeartbeatReceived: (scheduledEventId) => ({ kind: 'HeartbeatReceived', scheduledEventId }),
  ActivityStarted: (scheduledEventId, body) => ({
    kind: 'ActivityStarted',
    scheduledEventId,
    ...workerOf(body),
  }),
  ExecutionEnded: (scheduledEventId, body) => ({
    kind: 'ExecutionEnded',
    scheduledEventId,
    execution: readEndedChild(JSON.parse(body)),
  }),
};

function failureOf(body: string): { error?: string; cause?: string } {
  const { error, cause } = JSON.parse(body) as { error?: unknown; cause?: unknown };
  return {
    ...(typeof error === 'string' && { error }),
    ...(typeof cause === 'string' && { cause }),
  };
}

function workerOf(body: string): { workerName?: string } {
  const { workerName } = JSON.parse(body) as { workerName?: unknown };
  return typeof workerName === 'string' ? { workerName } : {};
}

/**
 * Mail for the executions that this worker owns. The database's news of it are advisory, so it is also looked for
 * every second, as long as there is anybody to get mail.
 */
export class Mailbox implements Service {
  readonly name = 'mailbox';
  readonly paceMs = 1000;
  readonly #hasReaders: () => boolean;
  readonly #looking: SharedRun;

  constructor(options: {
    readonly leases: Pick<LeaseStore, 'mail'>;
    readonly workerId: () => string;
    /** Pieces that are read at a time. */
    readonly pageSize: number;
    readonly hasReaders: () => boolean;
    readonly deliver: (mail: Mail) => void;
  }) {
    const { leases, workerId, pageSize: limit, deliver } = options;
    this.#hasReaders = options.hasReaders;
    this.#looking = new SharedRun(async () => {
      let after: string | undefined;
      do {
        const page = await leases.mail(workerId(), { after, limit });
        for (const mail of page.mail) deliver(mail);
        after = page.continuesAfter;
      } while (after !== undefined);
    });
  }

  async runOnce(): Promise<'rest'> {
    if (this.#hasReaders()) await this.look();
    return 'rest';
  }

  /**
   * Delivers what there is now, and to each execution as much of it as can be read at a time. Many who ask at a time share a
   * look that begins after each of them has asked.
   * @throws what the database throws
   */
  look(): Promise<void> {
    return this.#looking.run();
  }
}
