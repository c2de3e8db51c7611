import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';

export type LogLine = Readonly<Record<string, unknown>>;

const INFO = pino.levels.values.info as number;

/** A logger whose lines tests can read and wait for. */
export class LogLines {
  readonly lines: LogLine[] = [];
  readonly logger: Logger;
  readonly #events = new EventEmitter();

  constructor() {
    const sink = new Writable({
      write: (line, _encoding, done) => {
        this.lines.push(JSON.parse(line.toString()));
        this.#events.emit('line');
        done();
      },
    });
    this.logger = pino({ level: 'debug' }, sink);
  }

  /** Resolves with a line of these members, also if it is there already. */
  async line(members: LogLine): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find((line) =>
        Object.entries(members).every(([name, value]) => line[name] === value),
      );
      if (found) return found;
      await once(this.#events, 'line');
    }
  }

  get aboveInfo(): LogLine[] {
    return this.lines.filter(({ level }) => Number(level) > INFO);
  }

  clear(): void {
    this.lines.length = 0;
  }
}
