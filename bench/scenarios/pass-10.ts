/** What a transition costs when there is nothing to do in it. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';

export const pass10 = drainScenario({
  name: 'pass-10',
  definition: chain(10, { Type: 'Pass' }),
  statesEntered: 10,
});
