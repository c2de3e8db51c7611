/** What an execution costs that has but one state: its start, its claim and its end. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';

export const pass1 = drainScenario({
  name: 'pass-1',
  definition: chain(1, { Type: 'Pass' }),
  statesEntered: 1,
});
