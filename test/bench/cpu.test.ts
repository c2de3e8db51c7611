import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuOf, cpuOfTree } from '../../bench/cpu.ts';

/** Uses that many seconds of CPU, and then waits for its standard input to end. */
const BURN = `
  while (process.cpuUsage().user < 100_000);
  process.stdout.write('burnt');
  process.stdin.resume();`;

test.runIf(existsSync('/proc/self/stat'))('what children use counts, also when they are gone', async () => {
  const [alone, tree] = [cpuOf(process.pid), cpuOfTree(process.pid)];
  const before = tree() - alone();
  const child = spawn(process.execPath, ['-e', BURN]);
  await once(child.stdout, 'data');
  expect(tree() - alone() - before).toBeGreaterThan(0.08);
  expect(cpuOf(child.pid ?? 0)()).toBeGreaterThan(0.08);
  child.stdin.end();
  await once(child, 'exit');
  expect(cpuOf(child.pid ?? 0)()).toBe(0);
  expect(tree() - alone() - before).toBeGreaterThan(0.08);
});
