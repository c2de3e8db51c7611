import { expect, test } from 'vitest';
import { runStatehouse } from '../support/run-statehouse.ts';

test('the demo runs both orders, says where to look and leaves nothing behind', async () => {
  const { exitCode, stdout, stderr } = await runStatehouse(['demo']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const arn = 'arn:aws:states:us-east-1:000000000000:execution:order-processing';
  const lines = stdout.split('\n');
  expect(lines).toContain(`SUCCEEDED ${arn}:order-1001`);
  expect(lines).toContain(`SUCCEEDED ${arn}:order-1002`);
  expect(stdout).toMatch(/Charge payment +↻ retry 2 after 1\.\d s: calls charge-payment/);
  expect(stdout).toMatch(/Pack the items +↪ caught: goes on with Refund payment/);
  expect(stdout).toContain(`statehouse history ${arn}:order-1001`);
  expect(stdout).not.toContain('\u001b'); // plain away from a terminal
});
