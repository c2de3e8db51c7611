import { isDeepStrictEqual } from 'node:util';
import { type ArnPlace, stateMachineArn } from '../../runtime/execution/arn.ts';
import type { NewStateMachine, StateMachineRecord } from '../../store/state-machine.ts';
import { checkRoleArn } from '../arns.ts';
import { checkDefinition } from '../definitions.ts';
import { awsError } from '../errors.ts';
import { checkLogGroups, readEncryption, readLogging, readTracing } from '../machine-settings.ts';
import type { Input } from '../model/shapes.ts';
import { checkName } from '../names.ts';
import { publishedArn, readPublication } from '../publication.ts';
import { readTags } from '../tags.ts';
import { type Operation, type OperationContext, toTimestamp } from './operation.ts';

/** The version that a state machine begins with, if it is published as it is created. */
const FIRST_VERSION = 1;

/**
 * Idempotent by name: the same machine again is answered as if it had just been made. The role and the tags take
 * no part in that comparison.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
export const createStateMachine: Operation<'CreateStateMachine'> = async (
  input,
  { store, place, ceilings, quotas, logGroups, integrations },
) => {
  const wanted = readMachine(input, place, integrations);
  const arn = stateMachineArn(place, wanted.name);
  const tags = readTags(input.tags, { type: wanted.type, ceilings }, arn);
  await checkLogGroups(wanted.loggingConfiguration, logGroups);
  await quotas?.admitStateMachine(place);
  const { created, machine } = await store.stateMachines.create({ ...wanted, tags });
  if (!created && machine.status === 'DELETING') throw awsError('StateMachineDeleting', arn);
  if (!created && !isSame(machine, wanted)) throw awsError('StateMachineAlreadyExists', arn);
  return {
    stateMachineArn: arn,
    creationDate: toTimestamp(machine.createdAt),
    stateMachineVersionArn: publishedArn(place, wanted.name, wanted.publication && FIRST_VERSION),
  };
};

function readMachine(
  input: Input<'CreateStateMachine'>,
  place: ArnPlace,
  integrations: OperationContext['integrations'],
) {
  const { name, definition, roleArn, type = 'STANDARD' } = input;
  checkName(name);
  const publication = readPublication(input);
  checkRoleArn(roleArn);
  checkDefinition(definition, type, integrations);
  return {
    place,
    name,
    type,
    definition,
    roleArn,
    publication,
    loggingConfiguration: readLogging(input.loggingConfiguration),
    tracingConfiguration: readTracing(input.tracingConfiguration),
    encryptionConfiguration: readEncryption(input.encryptionConfiguration),
  };
}

/** The definition counts as text: re-indented JSON is another definition. */
function isSame(machine: StateMachineRecord, wanted: NewStateMachine): boolean {
  return (
    machine.type === wanted.type &&
    machine.definition === wanted.definition &&
    isDeepStrictEqual(machine.publication, wanted.publication) &&
    isDeepStrictEqual(machine.loggingConfiguration, wanted.loggingConfiguration) &&
    isDeepStrictEqual(machine.tracingConfiguration, wanted.tracingConfiguration) &&
    isDeepStrictEqual(machine.encryptionConfiguration, wanted.encryptionConfiguration)
  );
}
