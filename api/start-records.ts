import type { ArnPlace } from '../runtime/execution/arn.ts';
import { placeText } from '../store/place.ts';
import type { StartQualifier, StartRecord, StateMachineStore } from '../store/state-machine.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { DatabaseTime } from '../telemetry/database-time.ts';
import { RecentlyUsed } from './recently-used.ts';

/** For how long another process's changes may go unseen here. */
const AGE_MAX_MS = 1000;

/** A record may have 50 tags of 384 characters. */
const RECORDS_MAX = 1000;

interface Entry {
  readonly record: Promise<StartRecord | undefined>;
  /** When it was asked for, by the monotonic clock. */
  readonly at: number;
}

/**
 * What starts need to know of state machines, read once a second instead of with each start. Of a STANDARD machine's
 * versions and aliases it is read each time; nor is it kept that there is no machine, or that it is being deleted.
 * @see docs/decisions/0022-start-records.md
 */
export class StartRecords {
  readonly #stateMachines: Pick<StateMachineStore, 'startRecord'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #time: DatabaseTime;
  #entries = new RecentlyUsed<Entry>(RECORDS_MAX);

  /** @param time is calibrated by each record that is read */
  constructor(
    stateMachines: Pick<StateMachineStore, 'startRecord'>,
    clock: Pick<Clock, 'monotonic'>,
    time: DatabaseTime,
  ) {
    this.#stateMachines = stateMachines;
    this.#clock = clock;
    this.#time = time;
  }

  /** As the store's. */
  startRecord(place: ArnPlace, name: string, qualifier: StartQualifier): Promise<StartRecord | undefined> {
    const key = `${placeText(place)}:${name}:${qualifier.version ?? ''}:${qualifier.alias ?? ''}`;
    const known = this.#entries.get(key);
    const at = this.#clock.monotonic();
    if (known !== undefined && at - known.at < AGE_MAX_MS) return known.record;
    const entries = this.#entries;
    const entry = { record: this.#stateMachines.startRecord(place, name, qualifier), at };
    // Who asks meanwhile shares the answer if it has been kept before.
    if (known !== undefined) entries.set(key, entry);
    entry.record.then(
      (record) => {
        if (record !== undefined) this.#time.calibrate(record.time, at);
        if (record !== undefined && mayBeKept(record, qualifier)) entries.set(key, entry);
        else entries.delete(key);
      },
      () => entries.delete(key),
    );
    return entry.record;
  }

  /** To be called when something was changed here. What is being read now may be from before: it is not kept either. */
  forget(): void {
    this.#entries = new RecentlyUsed(RECORDS_MAX);
  }
}

/** A STANDARD machine's revision is looked at again by the start itself, as it is written. */
function mayBeKept({ type, status }: StartRecord, { version, alias }: StartQualifier): boolean {
  return status === 'ACTIVE' && (type === 'EXPRESS' || (version === undefined && alias === undefined));
}
