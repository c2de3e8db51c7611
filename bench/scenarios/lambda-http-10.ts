/** Ten durable tasks whose functions are behind HTTP, in another process, and do nothing. */
import { drainScenario } from '../drain.ts';
import { functionsOverHttp } from '../functions.ts';
import { lambdaChain } from '../lambda-chain.ts';

export const lambdaHttp10 = drainScenario({
  name: 'lambda-http-10',
  definition: lambdaChain(10),
  statesEntered: 10,
  share: 0.4,
  functions: functionsOverHttp,
});
