import { Command } from 'commander';
import { type Recovery, recover } from '../../store/recover.ts';
import { CommandError } from '../command-error.ts';
import { readConfig, requireDirectDatabaseUrl } from '../config.ts';
import { print, printJson } from '../terminal.ts';

interface Flags {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function recoverCommand(): Command {
  return new Command('recover')
    .description(
      'after a failover that lost data, or a restore: take all open executions from whoever had them',
    )
    .option('--force', 'also while workers are alive; they drop what they have')
    .option('--json', 'print JSON')
    .action(run);
}

async function run({ force = false, json }: Flags): Promise<void> {
  const config = readConfig();
  const outcome = await recover({
    databaseUrl: requireDirectDatabaseUrl(config),
    workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
    isForced: force,
  });
  if (outcome.kind === 'workersAlive') {
    const workers = outcome.workers.map(({ hostname, pid }) => `${hostname} (pid ${pid})`).join(', ');
    throw new CommandError(
      `Workers are alive: ${workers}. Stop all workers and APIs first, or say --force; nothing was done.`,
    );
  }
  if (json) printJson(outcome.recovery);
  else for (const line of linesOf(outcome.recovery)) print(line);
}

function linesOf(recovery: Recovery): string[] {
  const { workers, executions, interrupted, expressExecutions, jobs, openTokens } = recovery;
  return [
    `${workers} workers forgotten: whoever is one of them drops all that it has`,
    `${executions} open executions taken from whoever may have them`,
    `${interrupted} of those were under way: calls that had been sent fail as lost, which a Retrier can match`,
    `${expressExecutions} Express executions were under way: they run from their beginning`,
    `${jobs} jobs deleted: workers make those that are needed`,
    `${openTokens} tasks wait for an answer or for an activity's worker: what had been answered after the time that this database is of has to be answered again`,
  ];
}
