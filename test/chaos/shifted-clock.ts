/**
 * Loaded by `--import` into the processes of a chaos run. Their wall clock is wrong by CHAOS_CLOCK_SHIFT_MS, and leaps to
 * the other side at SIGUSR2. Their monotonic clock counts the time that a process is stopped, or, with CHAOS_FORGETS_PAUSES,
 * does not, as on a host that was suspended.
 */
const RealDate = Date;
let shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS ?? 0);

function now(): number {
  return RealDate.now() + shiftMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});

process.on('SIGUSR2', () => {
  shiftMs = -shiftMs;
});

/** The clock is looked at more often than that, unless the process stands still. */
const PAUSE_MS = 250;
const LOOK_MS = 50;

function forgetPauses(): void {
  const monotonic = performance.now.bind(performance);
  let seen = monotonic();
  let forgottenMs = 0;
  performance.now = () => {
    const real = monotonic();
    if (real - seen > PAUSE_MS) forgottenMs += real - seen;
    seen = real;
    return real - forgottenMs;
  };
  setInterval(() => performance.now(), LOOK_MS).unref();
}

if (process.env.CHAOS_FORGETS_PAUSES === 'true') forgetPauses();
