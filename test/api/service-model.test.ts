import { describe, expect, it } from 'vitest';
import { OPERATIONS, SHAPES } from '../../api/model/service-model.ts';
import { type ShapeName, shapeOf } from '../../api/model/shapes.ts';

describe('the service model', () => {
  it('has all 37 operations, with their structures', () => {
    expect(Object.keys(OPERATIONS)).toHaveLength(37);
    for (const { input, output } of Object.values(OPERATIONS))
      expect([shapeOf(input).type, shapeOf(output).type]).toEqual(['structure', 'structure']);
  });

  it('has every shape that a shape names', () => {
    const named = (Object.keys(SHAPES) as ShapeName[]).flatMap((name) => {
      const { members = {}, member, value } = shapeOf(name);
      return [...Object.values(members), member, value].filter((inner) => inner !== undefined);
    });
    expect(named.filter((name) => !Object.hasOwn(SHAPES, name))).toEqual([]);
  });

  it('has patterns that JavaScript reads as AWS does', () => {
    const patterns = Object.fromEntries(
      (Object.keys(SHAPES) as ShapeName[]).flatMap((name) => {
        const { pattern } = shapeOf(name);
        return pattern === undefined ? [] : [[name, new RegExp(`^(?:${pattern})$`, 'u')]];
      }),
    );
    expect(Object.keys(patterns).sort()).toEqual(['CharacterRestrictedName', 'ClientToken', 'TraceHeader']);
    const matches = (name: string, texts: string[]) => texts.map((text) => patterns[name]?.test(text));
    expect(matches('CharacterRestrictedName', ['a1', '123', '1.', 'a b', '!'])).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(matches('ClientToken', ['!~', ' ', 'é'])).toEqual([true, false, false]);
    expect(matches('TraceHeader', ['', 'Root=1', 'é'])).toEqual([true, true, false]);
  });
});
