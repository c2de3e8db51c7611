import { ListStateMachinesCommand, SFNServiceException } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { connect, expectError } from './sdk.ts';

export function credentials(): void {
  test.each([
    ['of a key with another secret', 'InvalidSignatureException', { secretAccessKey: 'x'.repeat(40) }],
    ['of a key that there is not', 'UnrecognizedClientException', { accessKeyId: `AKIA${'A'.repeat(16)}` }],
  ])('%s are refused', async (_whose, name, wrong) => {
    const client = connect({
      credentials: {
        accessKeyId: String(process.env.AWS_ACCESS_KEY_ID),
        secretAccessKey: String(process.env.AWS_SECRET_ACCESS_KEY),
        ...wrong,
      },
    });
    const call = client.send(new ListStateMachinesCommand());
    await expectError(call, SFNServiceException);
    await expect(call).rejects.toMatchObject({ name });
    client.destroy();
  });
}
