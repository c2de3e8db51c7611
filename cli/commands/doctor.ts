import { Command } from 'commander';
import type { Finding } from '../../store/doctor/check.ts';
import { examineDatabase, type NamedFinding } from '../../store/doctor/examine.ts';
import { CommandError } from '../command-error.ts';
import { readConfig, requireDatabaseUrl } from '../config.ts';
import { examineSettings } from '../doctor-settings.ts';
import { type Colour, paint, print, printJson } from '../terminal.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'look for what is wrong with the database, the workers and the settings (needs DATABASE_URL)',
    )
    .option('--json', 'print JSON')
    .action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const config = readConfig();
  const findings = [
    ...(await examineDatabase({
      databaseUrl: requireDatabaseUrl(config),
      directDatabaseUrl: config.STATEHOUSE_DIRECT_DATABASE_URL,
      poolSize: config.STATEHOUSE_POOL_SIZE,
      workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
    })),
    ...(await examineSettings(config, process.env.AWS_ENDPOINT_URL_SFN ?? 'http://localhost')),
  ];
  if (json) printJson({ findings });
  else for (const finding of findings) printFinding(finding);
  const problems = findings.filter(({ verdict }) => verdict === 'problem').length;
  if (problems > 0) throw new CommandError(`${problems} of ${findings.length} checks found a problem`);
}

const MARKS: Readonly<Record<Finding['verdict'], readonly [colour: Colour, mark: string]>> = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  problem: ['red', '✗'],
};

function printFinding({ check, verdict, says, advice }: NamedFinding): void {
  print(`${paint(...MARKS[verdict])} ${check}: ${says}`);
  if (advice !== undefined) print(`    ${advice}`);
}
