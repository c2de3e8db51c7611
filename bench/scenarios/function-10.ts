/** Ten durable tasks whose functions do nothing, in worker threads of the worker: as a function map of handlers has them. */
import { drainScenario } from '../drain.ts';
import { functionsInThreads } from '../functions.ts';
import { lambdaChain } from '../lambda-chain.ts';

export const function10 = drainScenario({
  name: 'function-10',
  definition: lambdaChain(10),
  statesEntered: 10,
  share: 0.4,
  functions: functionsInThreads,
});
