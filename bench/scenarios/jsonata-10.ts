/** pass-10 and task-10 in JSONata: each state computes an object of three expressions. */
import { chain } from '../chain.ts';
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';

const input = { order: { id: 1001, items: [{ price: 19.5, count: 2 }] }, customer: 'Ada' };
const Output = {
  order: '{% $states.input.order %}',
  total: '{% $sum($states.input.order.items.(price * count)) %}',
  customer: '{% $uppercase($states.input.customer) %}',
};

export const jsonataPass10 = drainScenario({
  name: 'jsonata-pass-10',
  definition: { QueryLanguage: 'JSONata', ...chain(10, { Type: 'Pass', Output }) },
  input,
  statesEntered: 10,
  share: 0.4,
});

export const jsonataTask10 = drainScenario({
  name: 'jsonata-task-10',
  definition: {
    QueryLanguage: 'JSONata',
    ...lambdaChain(10, { Arguments: { id: '{% $states.input.order.id %}' }, Output }),
  },
  input,
  statesEntered: 10,
  share: 0.4,
});
