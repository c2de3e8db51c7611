/** The store as one process has it: the model, at the other end of a link. */
import { drawId } from '../../store/batch.ts';
import { ClaimAttempts } from '../../store/claim-attempts.ts';
import type { StoppedExecution } from '../../store/execution.ts';
import { retrying } from '../../store/retryable-errors.ts';
import type { StartRecord } from '../../store/state-machine.ts';
import type { Store } from '../../store/store.ts';
import type { WorkerNews } from '../../store/worker.ts';
import { parseNews } from '../../store/workers.ts';
import type { Link } from './link.ts';
import type { ModelDatabase } from './model/database.ts';

/** Who listens to the news of the database. */
export type Subscribe = (hear: (payload: string) => void, back: () => void) => () => void;

/** @param subscribe hears payloads; and that the connection was lost and is back */
export function simulatedStore(database: ModelDatabase, link: Link, subscribe: Subscribe): Store {
  const attempts = new ClaimAttempts();
  return only<Store>({
    stateMachines: only<Store['stateMachines']>({
      revision: (id) => link.retriedRead('revision', () => database.tables.revision(id)),
      startRecord: (_place, name) => link.retriedRead('startRecord', () => startRecord(database, name)),
    }),
    executions: only<Store['executions']>({
      start: (execution) => {
        const entry = { ...execution, appendId: drawId() };
        return link.retried('start', () => database.start(entry));
      },
      stop: (id, end) => {
        // An attempt whose COMMIT was not answered is found out.
        const appendId = drawId();
        let attempted: StoppedExecution | undefined;
        const stop = () => {
          attempted = database.stop(id, end, { appendId, seq: attempted?.seq }) ?? attempted;
          return attempted;
        };
        return link.retried('stop', stop, id);
      },
      redrive: (id, redrive) => {
        const call = { token: redrive.clientToken ?? String(drawId()), appendId: drawId() };
        return link.retried('redrive', () => database.redrive(id, redrive, call), id);
      },
      journal: (id, range) => link.retriedRead('journal', () => database.journal(id, range)),
      children: (id, eventIds) => link.retriedRead('children', () => database.childrenOf(id, eventIds)),
      orphans: (limit) => link.call('orphans', () => database.orphans(limit)),
      deleting: async () => [],
    }),
    leases: {
      claim: (executionId, workerId, bounds) => {
        const entry = { executionId, workerId, claimId: drawId(), ...bounds };
        return retrying(link.retry, () =>
          attempts.make((attempt) => link.call('claim', () => database.claim(entry, attempt), executionId)),
        );
      },
      snapshot: (id) => link.retriedRead('snapshot', () => database.snapshot(id)),
      rows: (id, range) => link.retriedRead('rows', () => database.rows(id, range)),
      append: (append) => {
        const entry = { ...append, appendId: drawId() };
        return link.retried('append', () => database.append(entry), append.executionId);
      },
      park: (park) => link.retried('park', () => database.park(park), park.executionId),
      mail: (workerId, range) => link.call('mail', () => database.mail(workerId, range)),
      mailOf: (id, bytesMax) => link.call('mailOf', () => database.mailOf(id, bytesMax), id),
      owned: (workerId) => link.call('owned', () => database.owned(workerId)),
      closeTokens: (closing) =>
        link.retried('closeTokens', () => database.closeTokens(closing), closing.executionId),
      signal: (signal) => {
        const entry = { ...signal, signalId: drawId() };
        return link.retried('signal', () => database.signal(entry));
      },
    },
    workers: {
      register: () => link.call('register', () => database.register()),
      heartbeat: ({ workerId }) => link.call('heartbeat', () => database.heartbeat(workerId)),
      unregister: (workerId) => link.call('unregister', () => database.unregister(workerId)),
      wakeDue: (jobsMax, begunMax) => link.call('wakeDue', () => database.wakeDue(jobsMax, begunMax)),
      reconcile: async (timeoutMs) => {
        const freed = await link.call('reconcile', () => database.reconcile(timeoutMs));
        return { ...freed, setAside: [], dropped: [] };
      },
      dropAbandonedJobs: (ms) => link.call('dropAbandonedJobs', () => database.dropAbandonedJobs(ms)),
      forgetSignals: (ms) => link.call('forgetSignals', () => database.forgetSignals(ms)),
      listen: (workerId, news) =>
        link.call('listen', () => {
          const tell = (item: WorkerNews | undefined): void => item && news(item);
          const leave = subscribe(
            (payload) => tell(parseNews(payload, workerId)),
            () => tell({ kind: 'reconnected' }),
          );
          return async () => leave();
        }),
    },
    // Express executions, activities, caps, logs and retention are not simulated: there are none. Nobody is suspected.
    suspects: only<Store['suspects']>({ strike: async () => 'suspected', next: async () => undefined }),
    activities: only<Store['activities']>({ idOf: async () => undefined }),
    express: only<Store['express']>({ claim: async () => [] }),
    logs: only<Store['logs']>({ drop: async () => 0 }),
    slots: { setDefaultCap: async () => {}, count: async () => 0, fill: async () => 0 },
    retention: only<Store['retention']>({}),
  });
}

function startRecord({ tables, now }: ModelDatabase, name: string): StartRecord | undefined {
  const revision = tables.revisions.find(({ stateMachineName }) => stateMachineName === name);
  if (revision === undefined) return undefined;
  const { rowId: revisionRowId, roleArn } = revision;
  const routes = [{ version: undefined, weight: 1, revisionRowId, roleArn }];
  return { time: now, stateMachineId: revisionRowId, type: 'STANDARD', status: 'ACTIVE', tags: [], routes };
}

/** Those members and no others: what is not simulated throws when it is asked for. */
function only<T extends object>(members: Partial<T>): T {
  return new Proxy(members as T, {
    get(target, name) {
      if (!(name in target)) throw new Error(`${String(name)} is not simulated`);
      return Reflect.get(target, name);
    },
  });
}
