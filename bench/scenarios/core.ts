import { chain } from '../chain.ts';
import { coreScenario } from '../core.ts';

const INPUT = {
  order: {
    id: 1001,
    items: [
      { price: 19.5, count: 2 },
      { price: 5, count: 1 },
    ],
  },
  customer: 'Ada',
};

export const CORE_PASS_10 = { definition: chain(10, { Type: 'Pass' }), input: INPUT };

/** Ten states that hand on what they are given. */
export const corePass10 = coreScenario({ name: 'core-pass-10', ...CORE_PASS_10, statesEntered: 10 });

/** Ten decisions, each by its third rule, and a Succeed. */
export const coreChoice = coreScenario({
  name: 'core-choice',
  definition: choices(10),
  input: INPUT,
  statesEntered: 11,
});

/** Ten states that each compute an object with three JSONata expressions. */
export const coreJsonata = coreScenario({
  name: 'core-jsonata',
  definition: {
    QueryLanguage: 'JSONata',
    ...chain(10, {
      Type: 'Pass',
      Output: {
        order: '{% $states.input.order %}',
        total: '{% $sum($states.input.order.items.(price * count)) %}',
        customer: '{% $uppercase($states.input.customer) %}',
      },
    }),
  },
  input: INPUT,
  statesEntered: 10,
});

/** An inline Map of 100 items, with one Pass state each. */
export const coreMap = coreScenario({
  name: 'core-map',
  definition: chain(1, {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } },
  }),
  input: { items: Array.from({ length: 100 }, (_, index) => ({ index })) },
  statesEntered: 101,
});

function choices(count: number): object {
  const names = Array.from({ length: count }, (_, i) => `Choice${i + 1}`);
  const state = (i: number): object => ({
    Type: 'Choice',
    Choices: [
      { Variable: '$.customer', StringEquals: 'Bob', Next: 'Done' },
      { Variable: '$.order.items[0].price', NumericGreaterThan: 20, Next: 'Done' },
      {
        And: [
          { Variable: '$.order.id', IsNumeric: true },
          { Variable: '$.customer', StringMatches: 'A*' },
        ],
        Next: names[i + 1] ?? 'Done',
      },
    ],
  });
  return {
    StartAt: names[0],
    States: { ...Object.fromEntries(names.map((name, i) => [name, state(i)])), Done: { Type: 'Succeed' } },
  };
}
