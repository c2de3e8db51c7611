/** An inline Map of a hundred items, each with a durable task that does nothing. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';

export const map100 = drainScenario({
  name: 'map-100',
  definition: chain(1, { Type: 'Map', ItemsPath: '$.items', ItemProcessor: lambdaChain(1, {}, 'Item') }),
  input: { items: Array.from({ length: 100 }, (_, index) => ({ index })) },
  statesEntered: 101,
  share: 0.04,
});
