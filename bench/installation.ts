/** One API process and one worker process on a database, as a small installation has them. */
import { readFileSync } from 'node:fs';
import { Client } from '../cli/client.ts';
import type { RoleProcess } from '../test/support/role-process.ts';
import { startRole } from './role-process.ts';

export class Installation implements AsyncDisposable {
  readonly client: Client;
  readonly api: RoleProcess;
  readonly worker: RoleProcess;

  private constructor(api: RoleProcess, worker: RoleProcess) {
    this.api = api;
    this.worker = worker;
    this.client = new Client(api.url);
  }

  static async start(databaseUrl: string): Promise<Installation> {
    const api = await startRole('api', databaseUrl);
    try {
      return new Installation(api, await startRole('worker', databaseUrl));
    } catch (error) {
      await api.end();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.worker.end(), this.api.end()]);
  }
}

/** What a process holds in memory, in MB. */
export function residentMb({ pid }: RoleProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
