/** task-10 by two and by four worker processes; they, Postgres and the meter share the machine's cores. */
import { drainScenario } from '../drain.ts';
import { lambdaChain } from '../lambda-chain.ts';

export const workerCounts = [2, 4].map((workers) =>
  drainScenario({
    name: `task-10-${workers}-workers`,
    definition: lambdaChain(10),
    statesEntered: 10,
    workers,
  }),
);
