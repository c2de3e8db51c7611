/** Looks, again and again, how many executions of the capped state machine are under way. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cap } from './checker/evidence.ts';
import type { Installation } from './installation.ts';

export const CAP = {
  stateMachine: 'capped',
  maxConcurrency: 2,
  tag: { key: 'statehouse:maxConcurrency', value: '2' },
};

const LOOK_MS = 100;

/** Those that a worker has, or that have been let in: all at one moment. */
const UNDER_WAY = `
  select count(*)::int as count
  from statehouse.executions e
  join statehouse.state_machines m on m.id = e.state_machine_id
  left join statehouse.execution_slots slot on slot.execution_id = e.id
  where m.name = '${CAP.stateMachine}' and e.status = 'RUNNING' and (e.owner is not null or slot.held)`;

export class CapWatch {
  #mostUnderWay = 0;
  readonly #installation: Installation;

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  get caps(): readonly Cap[] {
    const { stateMachine, maxConcurrency } = CAP;
    return [{ stateMachine, maxConcurrency, mostUnderWay: this.#mostUnderWay }];
  }

  /** Resolves soon after the signal has aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [row] = await this.#installation.query<{ count: number }>(UNDER_WAY);
      this.#mostUnderWay = Math.max(this.#mostUnderWay, row?.count ?? 0);
      await sleep(LOOK_MS);
    }
  }
}
