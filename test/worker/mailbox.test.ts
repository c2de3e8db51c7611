import { expect, test } from 'vitest';
import type { Mail } from '../../store/lease.ts';
import { Mailbox } from '../../worker/mailbox.ts';
import { appendTo, useStore } from '../store/fixture.ts';
import { PLACE } from '../support/place.ts';

const fixture = useStore();

test('a look brings each execution mail, however much others have', async () => {
  const { leases } = fixture().store;
  const workerId = await fixture().worker();
  const executionIds: string[] = [];
  for (let n = 0; n < 3; n++) {
    const executionId = await fixture().started();
    const claim = await fixture().claim(executionId, workerId);
    const tokens = [0, 1].map((piece) => ({ token: `${executionId}-${piece}`, scheduledEventId: piece }));
    await leases.append(appendTo(claim, { openTokens: tokens }));
    for (const { token } of tokens)
      await leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '1' });
    executionIds.push(executionId);
  }
  const delivered: Mail[] = [];
  const mailbox = new Mailbox({
    ...{ leases, workerId: () => workerId, pageSize: 1 },
    ...{ hasReaders: () => true, deliver: (mail: Mail) => delivered.push(mail) },
  });
  await mailbox.look();
  expect(delivered.map((mail) => mail.executionId)).toEqual(executionIds);
});
