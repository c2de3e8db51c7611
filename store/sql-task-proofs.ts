import { createHash } from 'node:crypto';
import type { SecretStore } from './secret.ts';

/** That the caller may speak for the owner of an execution (migrations/, statehouse.sql_task_proof). */
export class SqlTaskProofs {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  /** Good for one purpose and, for an append, one journal row. */
  async of(
    purpose: 'open' | 'append',
    { executionId, epoch, seq }: { executionId: string; epoch: number; seq: number },
  ): Promise<string> {
    const secret = await this.#secrets.get('sql-tasks');
    return sha256(secret + sha256([secret, purpose, executionId, epoch, seq].join(' ')));
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
