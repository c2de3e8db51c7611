import { expect, test } from 'vitest';
import { parseDefinition } from '../../runtime/index.ts';
import { exampleDefinitions } from '../support/example-definitions.ts';

const examples = exampleDefinitions();

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(0);
});

test.each(examples)('$path parses, and there is nothing to say about it', ({ text }) => {
  const parsed = parseDefinition(text, 'STANDARD');
  expect(parsed).toMatchObject({ ok: true, warnings: [] });
});
