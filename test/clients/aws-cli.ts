/** The AWS CLI, where it is installed. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { ClientServer } from './client-server.ts';

/** Commands whose host gets "sync-" before it. */
const PREFIXED: ReadonlySet<string> = new Set(['start-sync-execution', 'test-state']);
/** The first versions that read AWS_ENDPOINT_URL_SFN, and AWS_DISABLE_HOST_PREFIX_INJECTION. */
const READ_ENDPOINTS = { 1: 29, 2: 13 } as const;
const LEAVE_HOSTS_ALONE = { 1: 39, 2: 25 } as const;

const installed = spawnSync('aws', ['--version'], { encoding: 'utf8' });
const [, major = '', minor = ''] = /aws-cli\/(\d+)\.(\d+)/.exec(installed.stdout ?? '') ?? [];
const isSince = (versions: Readonly<Record<1 | 2, number>>) =>
  Number(minor) >= versions[major === '1' ? 1 : 2];

/** Undefined: there is none. */
export const cliVersion = major === '' ? undefined : `${major}.${minor}`;

/** What a command of the installed CLI answers, as JSON. */
export type CliAnswer = Readonly<Record<string, unknown>>;

export class AwsCli {
  /** As the CLI lists them for a command that it does not have. */
  readonly commands: readonly string[] = listCommands();
  readonly #server: Pick<ClientServer, 'url' | 'env'>;
  readonly #ran = new Set<string>();

  constructor(server: Pick<ClientServer, 'url' | 'env'>) {
    this.#server = server;
  }

  /** Runs `aws stepfunctions COMMAND`. @param options `{ stateMachineArn: … }` is `--state-machine-arn …` */
  async run(command: string, options: Readonly<Record<string, unknown>> = {}): Promise<CliAnswer> {
    const args = Object.entries(options).flatMap(([name, value]) => [
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    this.#ran.add(command);
    const { stdout } = await this.#execute(command, args);
    return stdout === '' ? {} : (JSON.parse(stdout) as CliAnswer);
  }

  /** The command fails with AWS's error, which the CLI shows with its message. */
  async expectError(
    error: string,
    command: string,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await expect(this.run(command, options)).rejects.toMatchObject({
      code: expect.any(Number),
      stderr: expect.stringMatching(
        new RegExp(`An error occurred \\(${error}\\) when calling the \\w+ operation: .`),
      ),
    });
  }

  /** Commands that the installed version has, and that have not been run yet. */
  get untried(): string[] {
    return this.commands.filter((command) => command !== 'help' && !this.#ran.has(command));
  }

  has(command: string): boolean {
    return this.commands.includes(command);
  }

  #execute(command: string, args: readonly string[]): Promise<{ stdout: string }> {
    const { env, url } = this.#server;
    // Where the prefix cannot be switched off, a proxy is where any host's name leads.
    const needsProxy = PREFIXED.has(command) && !isSince(LEAVE_HOSTS_ALONE);
    const endpoint = needsProxy ? 'http://statehouse.test' : isSince(READ_ENDPOINTS) ? undefined : url;
    const options = endpoint === undefined ? [] : ['--endpoint-url', endpoint];
    return promisify(execFile)('aws', ['stepfunctions', command, ...args, ...options], {
      env: {
        PATH: process.env.PATH,
        ...env,
        AWS_PAGER: '',
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
        ...(needsProxy && { HTTP_PROXY: url }),
      },
    });
  }
}

let commands: readonly string[] | undefined;

function listCommands(): readonly string[] {
  commands ??= askForCommands();
  return commands;
}

function askForCommands(): string[] {
  const { stderr } = spawnSync('aws', ['stepfunctions', 'none'], { encoding: 'utf8' });
  return stderr.split('valid choices are:')[1]?.match(/[a-z]+(?:-[a-z]+)*/g) ?? [];
}
