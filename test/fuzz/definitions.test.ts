/** The parser of definitions: damaged ones are refused with diagnostics, and what is accepted runs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ParsedDefinition, parseDefinition } from '../../runtime/index.ts';
import { exampleDefinitions } from '../support/example-definitions.ts';
import { runInMemory } from '../support/in-memory-run.ts';
import { answerTo, randomMachines } from '../support/random-machine.ts';
import { patience, runs } from '../support/runs.ts';
import { damaged, disturbed, JAVASCRIPT_FAULT } from './mutations.ts';

const TYPES = fc.constantFrom('STANDARD' as const, 'EXPRESS' as const);
const definitions = [
  ...exampleDefinitions().map(({ text }) => JSON.parse(text) as object),
  ...fc.sample(randomMachines(), { numRuns: 60, seed: 1 }).map(({ definition }) => definition),
];

test(
  'damaged texts are refused with a diagnostic, or are still definitions',
  () => {
    fc.assert(
      fc.property(
        damaged(definitions.map((definition) => JSON.stringify(definition))),
        TYPES,
        (text, type) => {
          expectClear(parseDefinition(text, type));
        },
      ),
      { numRuns: runs(1500) },
    );
  },
  patience(30_000),
);

test(
  'disturbed definitions are refused with a diagnostic, or run to an end',
  async () => {
    const tasks = ({ input }: { input: { text: string } }) =>
      answerTo(input.text, [{ output: 1 }, { error: 'Again' }]);
    await fc.assert(
      fc.asyncProperty(disturbed(definitions), TYPES, async (definition, type) => {
        const parsed = parseDefinition(JSON.stringify(definition), type);
        expectClear(parsed);
        if (!parsed.ok || type === 'EXPRESS' || hasDistributedMap(definition)) return;
        const limits = { maxHistoryEvents: 200 };
        // A task may wait for its token for ever.
        const { execution } = await runInMemory(
          { TimeoutSeconds: 1000, ...(definition as object) },
          {
            input: '{"items":[1]}',
            tasks,
            limits,
          },
        );
        expect(execution.status).not.toBe('RUNNING');
      }),
      { numRuns: runs(1500) },
    );
  },
  patience(30_000),
);

function expectClear(parsed: ParsedDefinition): void {
  if (parsed.ok) return;
  const errors = parsed.diagnostics.filter(({ severity }) => severity === 'ERROR');
  expect(errors.length).toBeGreaterThan(0);
  for (const { message } of errors) expect(message).not.toMatch(JAVASCRIPT_FAULT);
}

function hasDistributedMap(definition: unknown): boolean {
  return JSON.stringify(definition).includes('"DISTRIBUTED"');
}
