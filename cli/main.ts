/** The command line: one file a command, put together here. */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { CommandError, ExitCode } from './command-error.ts';
import { paint } from './terminal.ts';

interface Entry {
  readonly group: 'Run it:' | 'Use it:';
  readonly load: () => Promise<Command>;
}

/** Loaded when asked for: `list` needs none of what `dev` brings, and starts in a third of the time without it. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  dev: { group: 'Run it:', load: async () => (await import('./commands/dev.ts')).devCommand() },
  demo: { group: 'Run it:', load: async () => (await import('./commands/demo.ts')).demoCommand() },
  api: { group: 'Run it:', load: async () => (await import('./commands/api.ts')).apiCommand() },
  worker: { group: 'Run it:', load: async () => (await import('./commands/worker.ts')).workerCommand() },
  migrate: { group: 'Run it:', load: async () => (await import('./commands/migrate.ts')).migrateCommand() },
  doctor: { group: 'Run it:', load: async () => (await import('./commands/doctor.ts')).doctorCommand() },
  recover: { group: 'Run it:', load: async () => (await import('./commands/recover.ts')).recoverCommand() },
  keys: { group: 'Run it:', load: async () => (await import('./commands/keys.ts')).keysCommand() },
  validate: {
    group: 'Use it:',
    load: async () => (await import('./commands/validate.ts')).validateCommand(),
  },
  deploy: { group: 'Use it:', load: async () => (await import('./commands/deploy.ts')).deployCommand() },
  start: { group: 'Use it:', load: async () => (await import('./commands/start.ts')).startCommand() },
  describe: {
    group: 'Use it:',
    load: async () => (await import('./commands/describe.ts')).describeCommand(),
  },
  history: { group: 'Use it:', load: async () => (await import('./commands/history.ts')).historyCommand() },
  logs: { group: 'Use it:', load: async () => (await import('./commands/logs.ts')).logsCommand() },
  stop: { group: 'Use it:', load: async () => (await import('./commands/stop.ts')).stopCommand() },
  redrive: { group: 'Use it:', load: async () => (await import('./commands/redrive.ts')).redriveCommand() },
  'set-aside': {
    group: 'Use it:',
    load: async () => (await import('./commands/set-aside.ts')).setAsideCommand(),
  },
  retry: { group: 'Use it:', load: async () => (await import('./commands/retry.ts')).retryCommand() },
  list: { group: 'Use it:', load: async () => (await import('./commands/list.ts')).listCommand() },
};

/**
 * Runs one command line.
 * @param argv the arguments after `statehouse`
 * @returns the exit code; errors have been printed
 */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endWhenNothingIsTaken);
  try {
    const statehouse = await program(argv[0]);
    await statehouse.parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    return report(error);
  }
}

/** @param name the command that is asked for; when it is none, all are loaded, to be told about */
async function program(name: string | undefined): Promise<Command> {
  const statehouse = new Command('statehouse')
    .description('AWS Step Functions, self-hosted, on Postgres.')
    .version(packageJson.version)
    .helpCommand(false)
    .showHelpAfterError('(--help shows what is possible)')
    .exitOverride();
  const chosen = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const { group, load } of chosen ? [chosen] : Object.values(COMMANDS)) {
    const command = (await load()).helpGroup(group).copyInheritedSettings(statehouse);
    for (const subcommand of command.commands) subcommand.copyInheritedSettings(command);
    statehouse.addCommand(command);
  }
  return statehouse;
}

/** `statehouse history … | head` closes the pipe early, which is no fault; a disk that is full is one. */
function endWhenNothingIsTaken(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? ExitCode.ok : report(error));
}

function report(error: unknown): number {
  // commander has printed its own message; help and --version end this way too, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${paint('red', 'error:', process.stderr)} ${message}`);
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof Error && process.env.LOG_LEVEL === 'debug') console.error(error.stack);
  return ExitCode.failed;
}
