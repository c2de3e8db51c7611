import { expect, test } from 'vitest';
import { threadEntry } from '../../../integrations/functions/thread-entry.ts';

test.each([
  ['file:///app/integrations/functions/handler-pool.ts', '/app/integrations/functions/thread.ts'],
  ['file:///app/dist/integrations/functions/handler-pool.js', '/app/dist/integrations/functions/thread.js'],
])('asked from %s', (importer, file) => {
  expect(threadEntry('./thread', importer)).toBe(file);
});
