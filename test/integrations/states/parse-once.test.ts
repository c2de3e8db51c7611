import { expect, test } from 'vitest';
import { parseOnce } from '../../../integrations/states/parse-once.ts';

const definition = (comment: string) =>
  JSON.stringify({ Comment: comment, StartAt: 'a', States: { a: { Type: 'Succeed' } } });

test('a text that was parsed just now is not parsed again, for the same type of machine', () => {
  const parsed = parseOnce(definition('again'), 'STANDARD');
  expect(parsed).toMatchObject({ ok: true });
  expect(parseOnce(definition('again'), 'STANDARD')).toBe(parsed);
  expect(parseOnce(definition('again'), 'EXPRESS')).not.toBe(parsed);
});

test('those that were not asked for lately are forgotten', () => {
  const [used, unused] = ['used', 'unused'].map((comment) => parseOnce(definition(comment), 'STANDARD'));
  for (let n = 0; n < 5; n++) {
    parseOnce(definition(`${n}`.padEnd(300_000)), 'STANDARD');
    expect(parseOnce(definition('used'), 'STANDARD')).toBe(used);
  }
  expect(parseOnce(definition('unused'), 'STANDARD')).not.toBe(unused);
});
