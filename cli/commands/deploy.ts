import { Command, Option } from 'commander';
import { type Client, ServiceError } from '../client.ts';
import {
  type ClientOptions,
  connect,
  endpointOption,
  findStateMachine,
  jsonOption,
} from '../client-options.ts';
import { CommandError } from '../command-error.ts';
import { type DefinitionFile, readDefinition } from '../definition-file.ts';
import { paint, print, printJson } from '../terminal.ts';

interface DeployOptions extends ClientOptions {
  readonly name?: string;
  readonly type: string;
  readonly roleArn: string;
}

export interface Deployment {
  readonly stateMachineArn: string;
  readonly outcome: 'created' | 'updated';
}

export function deployCommand(): Command {
  return new Command('deploy')
    .description('create or update state machines from files')
    .argument('<file...>', 'definitions; NAME.asl.json or NAME.asl.yaml becomes the state machine NAME')
    .option('--name <name>', 'name of the state machine (one file only)')
    .addOption(
      new Option('--type <type>', 'type of state machine')
        .choices(['STANDARD', 'EXPRESS'])
        .default('STANDARD'),
    )
    .addOption(
      new Option('--role-arn <arn>', 'its role').default('arn:aws:iam::000000000000:role/statehouse'),
    )
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (files: string[], options: DeployOptions) => {
      if (options.name !== undefined && files.length > 1) {
        throw new CommandError(`--name names one state machine, but there are ${files.length} files`);
      }
      const definitions = files.map(readDefinition); // all are read before the first is deployed
      const client = connect(options);
      const deployments: Deployment[] = [];
      for (const definition of definitions) {
        const deployment = await deploy(client, definition, options);
        deployments.push(deployment);
        if (options.json) continue;
        print(deployment.stateMachineArn);
        console.error(paint('dim', deployment.outcome, process.stderr));
      }
      if (options.json) printJson(deployments);
    });
}

/** Creates the state machine, or updates the one that has its name. */
export async function deploy(
  client: Client,
  file: DefinitionFile,
  options: Pick<DeployOptions, 'name' | 'type' | 'roleArn'>,
): Promise<Deployment> {
  const { type, roleArn } = options;
  const name = options.name ?? file.name;
  try {
    const created = await client.call('CreateStateMachine', { name, definition: file.text, roleArn, type });
    return { stateMachineArn: created.stateMachineArn, outcome: 'created' };
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'StateMachineAlreadyExists')) throw error;
  }
  const existing = await findStateMachine(client, name);
  if (existing === undefined)
    throw new CommandError(`${name} was deleted while it was being deployed; try again.`);
  if (existing.type !== type) {
    throw new CommandError(
      `${name} is a state machine of type ${existing.type}; a type never changes: delete it first, or choose another --name.`,
    );
  }
  const { stateMachineArn } = existing;
  await client.call('UpdateStateMachine', { stateMachineArn, definition: file.text, roleArn });
  return { stateMachineArn, outcome: 'updated' };
}
