import { describe, expect, test } from 'vitest';
import type { Mail, Signal } from '../../store/lease.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const success = (token: string, body = '{"ok":true}'): Signal => ({
  token,
  place: PLACE,
  kind: 'CallbackSucceeded',
  body,
});

async function mailFor(workerId: string): Promise<readonly Mail[]> {
  return (await fixture().store.leases.mail(workerId, { limit: 100 })).mail;
}

describe('signal', () => {
  test('brings mail and a job to a parked execution', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t1');
    await fixture().deleteJobs();
    expect(await fixture().store.leases.signal(success('t1'))).toBe('sent');
    expect(await fixture().jobs()).toEqual([executionId]);
    const claim = await fixture().claim(executionId, workerId);
    expect(claim.mail).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        executionId,
        epoch: claim.epoch,
        signals: 1,
        kind: 'CallbackSucceeded',
        scheduledEventId: 2,
        body: '{"ok":true}',
      },
    ]);
  });

  test('makes no job while somebody owns the execution: the owner sees the mail', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t2');
    await fixture().claim(executionId, workerId);
    await fixture().deleteJobs();
    expect(await fixture().store.leases.signal(success('t2'))).toBe('sent');
    expect(await fixture().jobs()).toEqual([]);
    expect(await mailFor(workerId)).toMatchObject([{ body: '{"ok":true}' }]);
  });

  test('mail stays until a row that won folds it', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t3');
    await fixture().store.leases.signal(success('t3'));
    const claim = await fixture().claim(executionId, workerId);
    const mail = claim.mail.map((item) => item.id);
    await fixture().store.leases.append(appendTo(claim, { epoch: 0, mail }));
    expect(await mailFor(workerId)).toHaveLength(1);
    await fixture().store.leases.append(appendTo(claim, { mail }));
    expect(await mailFor(workerId)).toEqual([]);
  });

  test('of two results the first one counts', async () => {
    await fixture().parkedOnToken('t4');
    expect(await fixture().store.leases.signal(success('t4'))).toBe('sent');
    expect(await fixture().store.leases.signal(success('t4'))).toBe('unknown');
  });

  test('of two results at the same moment one counts', async () => {
    const { executionId } = await fixture().parkedOnToken('t5');
    const other = await fixture().another();
    const outcomes = await Promise.all([
      fixture().store.leases.signal(success('t5')),
      fixture().store.leases.signal(success('t5')),
      other.leases.signal(success('t5')),
    ]);
    expect(outcomes.sort()).toEqual(['sent', 'unknown', 'unknown']);
    expect(await fixture().row(executionId)).toMatchObject({ signals: 1 });
  });

  test('heartbeats leave the token alone', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t6');
    const heartbeat: Signal = { token: 't6', place: PLACE, kind: 'HeartbeatReceived', body: 'null' };
    expect(await fixture().store.leases.signal(heartbeat)).toBe('sent');
    expect(await fixture().store.leases.signal(heartbeat)).toBe('sent');
    expect(await fixture().store.leases.signal(success('t6'))).toBe('sent');
    const claim = await fixture().claim(executionId, workerId);
    expect(claim.mail.map((mail) => mail.kind)).toEqual([
      'HeartbeatReceived',
      'HeartbeatReceived',
      'CallbackSucceeded',
    ]);
    expect(claim.signals).toBe(3);
  });

  test('several tokens of one execution in one batch all count', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    const tokens = ['a', 'b', 'c'].map((name) => `many-${name}`);
    const openTokens = tokens.map((token, index) => ({ token, scheduledEventId: index + 2 }));
    await fixture().store.leases.append(appendTo(claim, { openTokens }));
    const outcomes = await Promise.all(tokens.map((token) => fixture().store.leases.signal(success(token))));
    expect(outcomes).toEqual(['sent', 'sent', 'sent']);
    expect(await fixture().row(executionId)).toMatchObject({ signals: 3 });
    expect(await mailFor(workerId)).toHaveLength(3);
  });

  test('a closed token is unknown', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t7');
    const claim = await fixture().claim(executionId, workerId);
    await fixture().store.leases.append(appendTo(claim, { closedTokens: ['t7'] }));
    expect(await fixture().store.leases.signal(success('t7'))).toBe('unknown');
  });

  test('so is a token of a stopped execution', async () => {
    const { executionId } = await fixture().parkedOnToken('t8');
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await fixture().store.leases.signal(success('t8'))).toBe('unknown');
  });

  describe('while its attempt is being given up', () => {
    test('finds its token closed', async () => {
      const { executionId, workerId } = await fixture().parkedOnToken('t10');
      const { epoch } = await fixture().claim(executionId, workerId);
      const attempts = [{ scheduledEventId: 2, token: 't10' }];
      expect(await fixture().store.leases.closeTokens({ executionId, epoch, attempts })).toBe('closed');
      expect(await fixture().store.leases.signal(success('t10'))).toBe('unknown');
    });

    test('is in the way, if it was there first', async () => {
      const { executionId, workerId } = await fixture().parkedOnToken('t11');
      const { epoch } = await fixture().claim(executionId, workerId);
      await fixture().store.leases.signal({ ...success('t11', '{}'), kind: 'HeartbeatReceived' });
      const attempts = [{ scheduledEventId: 2, token: 't11' }];
      expect(await fixture().store.leases.closeTokens({ executionId, epoch, attempts })).toBe('news');
      expect(await fixture().store.leases.signal(success('t11'))).toBe('sent');
      expect(await fixture().store.leases.closeTokens({ executionId, epoch, attempts })).toBe('news');
    });

    test('is not hindered by a former owner', async () => {
      const { executionId, workerId } = await fixture().parkedOnToken('t12');
      const { epoch } = await fixture().claim(executionId, workerId);
      const attempts = [{ scheduledEventId: 2, token: 't12' }];
      const closing = { executionId, epoch: epoch - 1, attempts };
      expect(await fixture().store.leases.closeTokens(closing)).toBe('lost');
      expect(await fixture().store.leases.signal(success('t12'))).toBe('sent');
    });
  });

  test('whatever is sent as a token, its neighbours do not suffer', async () => {
    await fixture().parkedOnToken('t9');
    const tokens = ['', '\u0000', 'a\u001eb', '\ud800', "'; drop table executions", 't9'];
    const outcomes = await Promise.all(tokens.map((token) => fixture().store.leases.signal(success(token))));
    expect(outcomes).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown', 'sent']);
  });

  test('bodies keep escaped U+0000', async () => {
    const { executionId, workerId } = await fixture().parkedOnToken('t10');
    const body = '{"a":"\\u0000"}';
    await fixture().store.leases.signal(success('t10', body));
    expect((await fixture().claim(executionId, workerId)).mail[0]?.body).toBe(body);
  });
});
