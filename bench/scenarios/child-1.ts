/** An execution that starts another one and waits for its result: each is a durable execution of its own. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';
import { functionsOverHttp } from '../functions.ts';
import { newMachine } from '../machine.ts';

export const child1 = drainScenario({
  name: 'child-1',
  definition: async (server) =>
    chain(1, {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: {
        StateMachineArn: await newMachine(server, 'child-of-child-1', chain(1, { Type: 'Pass' })),
        Input: {},
      },
    }),
  statesEntered: 2,
  ends: 2,
  share: 0.2,
  // Not those of the engine's own that do nothing: they would stand in for the child, too.
  functions: functionsOverHttp,
});
