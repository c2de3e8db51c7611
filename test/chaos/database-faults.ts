/** What goes wrong with Postgres itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from './dice.ts';
import type { Installation } from './installation.ts';

/** It is over when the promise resolves. */
export type DatabaseFault = (installation: Installation, dice: Dice) => Promise<void>;

const LASTS_MS = [200, 3000] as const;

/** With how often each comes in a deck. */
export const DATABASE_FAULTS: Readonly<Record<string, readonly [times: number, fault: DatabaseFault]>> = {
  'fast restart': [1, (installation) => restart(installation, 'SIGINT')],
  'immediate restart': [1, (installation) => restart(installation, 'SIGQUIT')],
  /** Nothing new can be written: 53100, as Postgres says it. */
  'full disk': [
    1,
    async (installation, dice) => {
      await installation.query(`
        create or replace function statehouse.full_disk() returns trigger language plpgsql
          as $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
        create or replace trigger full_disk before insert on statehouse.journal
          for each statement execute function statehouse.full_disk();
        create or replace trigger full_disk before insert on statehouse.mailbox
          for each statement execute function statehouse.full_disk();
        create or replace trigger full_disk before insert on statehouse.express_executions
          for each statement execute function statehouse.full_disk()`);
      await sleep(dice.between(...LASTS_MS));
      await installation.query(`
        drop trigger if exists full_disk on statehouse.journal;
        drop trigger if exists full_disk on statehouse.mailbox;
        drop trigger if exists full_disk on statehouse.express_executions`);
    },
  ],
  /** Jobs are hints. */
  'no jobs': [
    1,
    async (installation) => void (await installation.query('delete from graphile_worker._private_jobs')),
  ],
  /** Whatever is in the middle of something. */
  'sessions ended': [
    1,
    async (installation) =>
      void (await installation.query(`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'statehouse' and state <> 'idle'`)),
  ],
};

/** Another server, with all that the one before has made durable, takes over. */
export const FAILOVER: DatabaseFault = (installation) => installation.failOver();

/** The server is started again by who holds it. */
async function restart(installation: Installation, signal: NodeJS.Signals): Promise<void> {
  const { postgresPid } = installation;
  process.kill(postgresPid, signal);
  while (installation.postgresPid === postgresPid) await sleep(50);
}
