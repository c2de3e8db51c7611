import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MODULE = new URL('../../telemetry/log.ts', import.meta.url).href;
const LINES = 500;

test('each line is written once, in order, also by a process that exits at once', async () => {
  const program = `
    import { createLogger } from ${JSON.stringify(MODULE)};
    const logger = createLogger('info');
    for (let line = 0; line < ${LINES}; line++) logger.info({ line }, 'x'.repeat(100));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((text) => (JSON.parse(text) as { line: number }).line);
  expect(lines).toEqual(Array.from({ length: LINES }, (_, line) => line));
});
