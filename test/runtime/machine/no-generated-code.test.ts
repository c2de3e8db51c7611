import { expect, it, vi } from 'vitest';

it('makes no code from strings, neither when it is loaded nor for a definition', async () => {
  const made = vi.fn();
  vi.stubGlobal(
    'Function',
    class extends Function {
      constructor(...parts: string[]) {
        super(...parts);
        made(parts);
      }
    },
  );
  const { parseDefinition } = await import('../../../runtime/machine/parse.ts');
  const Pass = { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input %}', End: true };
  const definition = { StartAt: 'S', States: { S: Pass } };
  expect(parseDefinition(JSON.stringify(definition), 'STANDARD').ok).toBe(true);
  expect(made).not.toHaveBeenCalled();
});
