/** DescribeExecution under load, beside a million executions. */
import { putUnderLoad } from '../load.ts';
import { millionExecutions } from '../million-executions.ts';
import type { Scenario } from '../scenario.ts';

/** Metrics: requestsPerSecond, latencyMsP50 and latencyMsP95 of 48 clients; loadCores. */
export const describeLoad: Scenario = {
  name: 'describe-load',
  async run(server, { loadSeconds: seconds }) {
    const { installation, parkingArn } = await millionExecutions(server);
    const executionArn = `${parkingArn.replace(':stateMachine:', ':execution:')}:sample-RUNNING-500000`;
    const { callsPerSecond, latencyMsP50, latencyMsP95, loadCores } = await putUnderLoad({
      endpoint: installation.api.url,
      operation: 'DescribeExecution',
      input: { executionArn },
      seconds,
    });
    return { requestsPerSecond: callsPerSecond, latencyMsP50, latencyMsP95, loadCores };
  },
};
