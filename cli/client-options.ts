/** Options that the client commands have in common, and what their arguments stand for. */
import { InvalidArgumentError, Option } from 'commander';
import { credentialsFrom } from '../integrations/aws/signature.ts';
import { Client, type Signer, type StateMachineListItem } from './client.ts';
import { CommandError } from './command-error.ts';

export interface ClientOptions {
  readonly endpoint: string;
  readonly json?: boolean;
}

const DEFAULT_ENDPOINT = 'http://127.0.0.1:8083';

export function endpointOption(): Option {
  return new Option('--endpoint <url>', 'where the Step Functions API is')
    .env('AWS_ENDPOINT_URL_SFN')
    .default(DEFAULT_ENDPOINT);
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON, in the shape of the AWS API');
}

/** A count of things to show. @throws InvalidArgumentError */
export function readCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number from 1.');
}

/** Signs its requests when the environment holds credentials. @throws CommandError when the endpoint is no http(s) address */
export function connect(options: ClientOptions): Client {
  const url = URL.parse(options.endpoint || DEFAULT_ENDPOINT); // an empty variable is not set
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new CommandError(
      `--endpoint: "${options.endpoint}" is no address; expected one like http://127.0.0.1:8083`,
    );
  }
  return new Client(url.href.replace(/\/$/, ''), signerFrom(process.env));
}

function signerFrom(env: NodeJS.ProcessEnv): Signer | undefined {
  const credentials = credentialsFrom(env);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || env.STATEHOUSE_REGION || 'us-east-1';
  return credentials && { credentials, region };
}

/** Also of an Express execution's. */
export function isExecutionArn(arn: string): boolean {
  return isExpressArn(arn) || arn.split(':')[5] === 'execution';
}

export function isExpressArn(arn: string): boolean {
  return arn.split(':')[5] === 'express';
}

/**
 * The ARN of the state machine that the user names, by ARN or by name.
 * @throws CommandError when no state machine has the name
 */
export async function resolveStateMachine(client: Client, nameOrArn: string): Promise<string> {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  const found = await findStateMachine(client, nameOrArn);
  if (found) return found.stateMachineArn;
  throw new CommandError(
    `There is no state machine named "${nameOrArn}" at ${client.endpoint}; "statehouse list" shows them all.`,
  );
}

export async function findStateMachine(
  client: Client,
  name: string,
): Promise<StateMachineListItem | undefined> {
  for await (const page of client.pages('ListStateMachines', { maxResults: 1000 })) {
    const found = page.stateMachines.find((machine) => machine.name === name);
    if (found) return found;
  }
  return undefined;
}
