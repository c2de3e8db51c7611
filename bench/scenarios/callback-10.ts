/** Ten tasks that wait for their tokens, each of which comes back over the API as soon as its function has it. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';
import { functionsWithCallbacks } from '../functions.ts';
import { FUNCTION_NAME } from '../lambda-chain.ts';

export const callback10 = drainScenario({
  name: 'callback-10',
  definition: chain(10, {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: FUNCTION_NAME, Payload: { 'token.$': '$$.Task.Token' } },
  }),
  statesEntered: 10,
  share: 0.1,
  functions: functionsWithCallbacks,
});
