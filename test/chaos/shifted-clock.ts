/**
 * Loaded by `--import` into the processes of a chaos run: their wall clock is wrong by CHAOS_CLOCK_SHIFT_MS, and leaps
 * to the other side at SIGUSR2. Monotonic time stays as it is: no clock adjustment moves that.
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
