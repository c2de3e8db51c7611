import { ValidateStateMachineDefinitionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { GREET } from '../definitions.ts';
import { connect } from './sdk.ts';

export function retries(): void {
  const command = () => new ValidateStateMachineDefinitionCommand({ definition: GREET });

  test('a call that is throttled is repeated by the client until it succeeds', async () => {
    const impatient = connect({ maxAttempts: 1 });
    const patient = connect({ maxAttempts: 20 });
    // The quota is 100 calls and one more each second.
    let refusals: unknown[] = [];
    while (refusals.length === 0) {
      const calls = await Promise.allSettled(Array.from({ length: 60 }, () => impatient.send(command())));
      refusals = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason] : []));
    }
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    const answers = await Promise.all(Array.from({ length: 3 }, () => patient.send(command())));
    expect(answers).toMatchObject(Array.from({ length: 3 }, () => ({ result: 'OK' })));
    expect(Math.max(...answers.map(({ $metadata }) => $metadata.attempts ?? 0))).toBeGreaterThan(1);
    impatient.destroy();
    patient.destroy();
  });
}
