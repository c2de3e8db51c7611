/** What a command line process answers to its caller. */
export const ExitCode = {
  ok: 0,
  /** The thing asked for did not come true: an execution failed, a definition is invalid, no server answered. */
  failed: 1,
  /** The command itself was wrong: an unknown option, a missing argument. */
  usage: 2,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An outcome that ends the command with one clear line and no stack. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = ExitCode.failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
