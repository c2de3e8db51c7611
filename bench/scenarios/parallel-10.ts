/** A Parallel state of ten branches, each with a durable task that does nothing. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';

export const parallel10 = drainScenario({
  name: 'parallel-10',
  definition: chain(1, {
    Type: 'Parallel',
    Branches: Array.from({ length: 10 }, (_, n) => lambdaChain(1, {}, `Branch${n}-`)),
  }),
  statesEntered: 11,
  share: 0.4,
});
