import type { BenchServer } from './server.ts';

const ROLE_ARN = 'arn:aws:iam::000000000000:role/statehouse';

let machines = 0;

/** A new state machine: its ARN. */
export async function newMachine(
  { client }: Pick<BenchServer, 'client'>,
  name: string,
  definition: object,
  type: 'STANDARD' | 'EXPRESS' = 'STANDARD',
): Promise<string> {
  const { stateMachineArn } = await client.call('CreateStateMachine', {
    name: `${name}-run-${++machines}`,
    definition: JSON.stringify(definition),
    roleArn: ROLE_ARN,
    type,
  });
  return stateMachineArn;
}
