/** task-10 with a payload that every state hands on, so that it is the input and the output of all of them. */
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';

/** With as many executions as take a few seconds. */
const SIZES = [
  { kilobytes: 1, share: 0.5 },
  { kilobytes: 32, share: 0.1 },
  { kilobytes: 200, share: 0.02 },
];

export const payloads = SIZES.map(({ kilobytes, share }) =>
  drainScenario({
    name: `payload-${kilobytes}-kb`,
    definition: lambdaChain(10, { ResultPath: null }),
    input: { text: 'x'.repeat(kilobytes * 1000) },
    statesEntered: 10,
    share,
  }),
);
