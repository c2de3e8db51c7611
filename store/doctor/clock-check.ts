import { type Check, type Finding, ok, problem, warning } from './check.ts';

/** Leases, deadlines and histories go by the database's clock alone; logs and signatures by this machine's. */
const APART_MS_MAX = { warning: 2000, problem: 60_000 };

export const clock: Check = {
  name: 'clock',
  examine: async ({ direct, now }) => {
    const askedAt = now();
    const { rows } = await direct.query<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
    );
    const answeredAt = now();
    // The database has answered somewhere between the two.
    return judgeClock((rows[0]?.ms ?? 0) - (askedAt + answeredAt) / 2, (answeredAt - askedAt) / 2);
  },
};

/**
 * @param apartMs how far the database's clock is ahead of this machine's
 * @param uncertainMs by how much that may be wrong
 */
export function judgeClock(apartMs: number, uncertainMs: number): Finding {
  const apart = Math.max(0, Math.abs(apartMs) - uncertainMs);
  if (apart < APART_MS_MAX.warning) return ok('this machine and the database agree');
  const says = `the database is ${(Math.abs(apartMs) / 1000).toFixed(1)} s ${apartMs > 0 ? 'ahead of' : 'behind'} this machine`;
  const advice =
    'Let NTP keep the clocks: requests are signed by them, and AWS clients are refused from 5 minutes on.';
  return apart < APART_MS_MAX.problem ? warning(says, advice) : problem(says, advice);
}
