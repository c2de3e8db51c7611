import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** Runs a program that has a watchdog. */
async function run(program: string) {
  const watchdog = new URL('../../process/watchdog.ts', import.meta.url).href;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { startWatchdog } from ${JSON.stringify(watchdog)}; ${program}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const [[code, signal], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { code, signal, stderr };
}

test('a process whose event loop stands still is ended, and says why', async () => {
  const { signal, stderr } = await run(
    'startWatchdog(200); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
  );
  expect(signal).toBe('SIGKILL');
  expect(stderr).toContain('The event loop has stood still for 200 ms');
});

test('one whose event loop turns is not, and the watch keeps nothing from ending', async () => {
  expect(await run('startWatchdog(200); setTimeout(() => {}, 500);')).toEqual({
    code: 0,
    signal: null,
    stderr: '',
  });
});
