/** A lease counts each signal once, however and whenever its mail comes. */
import { expect, test } from 'vitest';
import type { Claim, LeaseStore, Mail } from '../../store/lease.ts';
import { Lease } from '../../worker/lease.ts';
import { appendTo, useStore } from '../store/fixture.ts';
import { PLACE } from '../support/place.ts';

const fixture = useStore();

/** An execution in a worker's hands, and a signal that has come since. */
async function signalled(
  token: string,
): Promise<{ claim: Claim; workerId: string; lease: Lease; mail: readonly Mail[] }> {
  const { claim, workerId } = await fixture().owned();
  const { leases } = fixture().store;
  await leases.append(appendTo(claim, { openTokens: [{ token, scheduledEventId: claim.nextEventId }] }));
  const next = { ...claim, headSeq: claim.headSeq + 1, nextEventId: claim.nextEventId + 1 };
  await leases.signal({ token, place: PLACE, kind: 'HeartbeatReceived', body: '{}' });
  const { mail } = await leases.mail(workerId, { limit: 100 });
  return { claim: next, workerId, lease: new Lease(leases, next), mail };
}

test('mail that was delivered while a lease is being given back does not keep it', async () => {
  const { claim, mail } = await signalled('delivered-meanwhile');
  const { leases } = fixture().store;
  const mailOf: LeaseStore['mailOf'] = async (...asked) => {
    for (const piece of mail) lease.accept(piece);
    return leases.mailOf(...asked);
  };
  const lease = new Lease({ ...leases, mailOf }, claim);
  await lease.release(0);
  expect(await fixture().row(claim.executionId)).toMatchObject({ owner: null });
});

test('mail that an earlier lease has folded is not counted again when it comes late', async () => {
  const { lease, claim, workerId, mail } = await signalled('slow-mail');
  const { leases } = fixture().store;
  expect(mail.map((piece) => lease.accept(piece))).toEqual([true]);
  await leases.append(appendTo(claim, { mail: mail.map(({ id }) => id) }));
  expect(await lease.park(null, undefined)).toBe(true);
  const later = new Lease(leases, await fixture().claim(claim.executionId, workerId));
  expect(mail.map((piece) => later.accept(piece))).toEqual([false]);
  expect(await later.park(null, undefined)).toBe(true);
});

test('signals without their mail keep the lease', async () => {
  const { claim } = await signalled('no-mail');
  const lease = new Lease({ ...fixture().store.leases, mailOf: async () => [] }, claim);
  await expect(lease.release(0)).rejects.toThrow('Signals have come, but no mail');
});
