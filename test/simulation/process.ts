/** A process of the simulation: it may be killed, or stand still for a while and go on as if nothing had been. */
import type { Clock } from '../../telemetry/clock.ts';
import type { Timeline } from './timeline.ts';

interface Timer {
  /** By the process's own clock. */
  readonly due: number;
  readonly run: () => void;
  /** Calls off the look at it that is to come. */
  disarm: () => void;
}

export class SimulatedProcess implements Clock {
  readonly name: string;
  readonly #timeline: Timeline;
  readonly #died: () => void;
  readonly #timers = new Set<Timer>();
  /** What came while it stood still. */
  #waiting: (() => void)[] = [];
  #state: 'running' | 'paused' | 'dead' = 'running';
  #behindMs = 0;
  #pausedAt = 0;

  /** @param died is told of its end, once */
  constructor(name: string, timeline: Timeline, died: () => void = () => {}) {
    this.name = name;
    this.#timeline = timeline;
    this.#died = died;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  monotonic(): number {
    return this.#timeline.now - this.#behindMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { due: this.monotonic() + Math.max(delayMs, 0), run, disarm: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#disarm(timer);
  }

  #arm(timer: Timer): void {
    timer.disarm = this.#timeline.after(timer.due - this.monotonic(), `${this.name} timer`, () => {
      this.#timers.delete(timer);
      this.enter(timer.run);
    });
  }

  #disarm(timer: Timer): void {
    timer.disarm();
    this.#timers.delete(timer);
  }

  /** Something comes to it from outside. */
  enter(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'paused') this.#waiting.push(run);
  }

  /** As SIGKILL: nothing of it acts any more. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#waiting = [];
    for (const timer of this.#timers) this.#disarm(timer);
    this.#died();
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#pausedAt = this.#timeline.now;
  }

  /** @param isClockStopped its clock has stood still as well, as that of a machine that was suspended */
  resume(isClockStopped: boolean): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    if (isClockStopped) this.#fallBehind(this.#timeline.now - this.#pausedAt);
    // One after the other: each may end in a step of its own.
    for (const run of this.#waiting.splice(0))
      this.#timeline.after(0, `${this.name} catches up`, () => this.enter(run));
  }

  /** Its clock has stood still for so long. */
  #fallBehind(ms: number): void {
    this.#behindMs += ms;
    for (const timer of this.#timers) {
      timer.disarm();
      this.#arm(timer);
    }
  }
}
