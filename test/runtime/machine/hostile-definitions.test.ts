import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../runtime/machine/parse.ts';
import { faultsOf, LAMBDA, machineWithRule, processor } from './definitions.ts';

const FIELDS = words(`
  Type StartAt States Next End Choices Default Catch Retry ErrorEquals Branches ItemProcessor Iterator ProcessorConfig
  Mode ExecutionType QueryLanguage InputPath Assign Parameters Arguments Resource And Not Variable StringEquals
  Condition Seconds Items ItemReader ReaderConfig Label Error ErrorPath Credentials __proto__ constructor a.$ A B`);
const VALUES = [
  ...words(`
    Pass Task Choice Wait Succeed Fail Parallel Map A B JSONPath JSONata DISTRIBUTED ${LAMBDA}
    arn:aws:states:::lambda:invoke $ $.a $[ $$ States.Format( __proto__`),
  '{% $x %}',
  '{% ( %}',
  '\u0000',
  '\ud800',
];

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** JSON that looks like a definition here and there. */
const { garbage } = fc.letrec<{ garbage: unknown; object: unknown }>((tie) => ({
  garbage: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<unknown>(...VALUES, null, true, false, 0, -1, 1.5, 1e300),
    fc.string({ unit: 'binary', maxLength: 8 }),
    tie('object'),
    fc.array(tie('garbage'), { maxLength: 3 }),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...FIELDS), tie('garbage')), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries)),
}));

const scope = fc
  .dictionary(fc.constantFrom('A', 'B', '__proto__'), garbage, { minKeys: 1, maxKeys: 3 })
  .map((states) => ({ StartAt: 'A', States: states }));

describe('garbage', () => {
  it('never throws, and is never accepted without a reason given', () => {
    fc.assert(
      fc.property(fc.oneof(garbage, scope), fc.constantFrom('STANDARD', 'EXPRESS'), (definition, type) => {
        const parsed = parseDefinition(JSON.stringify(definition), type);
        if (parsed.ok) expect(parsed.machine.states.size).toBeGreaterThan(0);
        else expect(parsed.diagnostics.some(({ severity }) => severity === 'ERROR')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be no JSON at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseDefinition(text, 'STANDARD').ok).toBe(false);
      }),
    );
  });
});

/** As deep as JSON may be nested. */
function nested(open: string, inner: string, close: string, levels: number): string {
  return open.repeat(levels) + inner + close.repeat(levels);
}

describe('deep nesting', () => {
  const present = '{"Variable":"$.a","IsPresent":true}';

  it('of conditions is no problem', () => {
    const rule = JSON.parse(`{"Next":"Done","Not":${nested('{"Not":', present, '}', 900)}}`);
    expect(faultsOf(machineWithRule(rule))).toEqual([]);
    const list = JSON.parse(`{"Next":"Done","And":[${nested('{"Or":[', present, ']}', 450)}]}`);
    expect(faultsOf(machineWithRule(list))).toEqual([]);
  });

  it('of scopes is no problem', () => {
    let definition: unknown = processor;
    for (let level = 0; level < 300; level++) {
      const map = { Type: 'Map', ItemProcessor: definition, End: true };
      definition = { StartAt: `S${level}`, States: { [`S${level}`]: map } };
    }
    expect(faultsOf(definition)).toEqual([]);
  });
});

it('keeps its answer short, however many faults there are', () => {
  const faulty = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`n${i}`, {}]));
  const faults = faultsOf({ StartAt: 'n0', States: faulty });
  expect(faults).toHaveLength(250);
  const long = 'n'.repeat(100_000);
  const [first] = faultsOf({ StartAt: long, States: { [long]: {} } });
  expect(first?.length).toBeLessThan(200);
});
