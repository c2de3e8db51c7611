/** A loop that goes round a thousand times: a decision and a sum, each time. */
import { drainScenario } from '../drain.ts';

const ROUNDS = 1000;

export const choice1000 = drainScenario({
  name: 'choice-1000',
  definition: {
    StartAt: 'Enough?',
    States: {
      'Enough?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.count', NumericLessThan: ROUNDS, Next: 'Count' }],
        Default: 'Done',
      },
      Count: {
        Type: 'Pass',
        Parameters: { 'count.$': 'States.MathAdd($.count, 1)' },
        Next: 'Enough?',
      },
      Done: { Type: 'Succeed' },
    },
  },
  input: { count: 0 },
  statesEntered: 2 * ROUNDS + 2,
  share: 0.005,
});
