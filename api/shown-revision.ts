/** A revision of a state machine as the Describe operations show it. */
import type { RevisionRecord } from '../store/state-machine.ts';
import { isCustomerManaged, shownSettings } from './machine-settings.ts';
import type { Output, Value } from './model/shapes.ts';
import type { OperationContext } from './operations/operation.ts';

type ShownRevision = Pick<
  Output<'DescribeStateMachine'>,
  | 'definition'
  | 'roleArn'
  | 'loggingConfiguration'
  | 'tracingConfiguration'
  | 'encryptionConfiguration'
  | 'revisionId'
  | 'variableReferences'
>;

/** What is left of a definition when metadata alone are asked for. */
const NO_DEFINITION = '{}';

/**
 * Metadata alone are what a caller gets who may not use the customer's key; as AWS does, other definitions are shown
 * whatever was asked for.
 */
export async function showRevision(
  revision: Omit<RevisionRecord, 'createdAt'>,
  includedData: Value<'IncludedData'> | undefined,
  { variableReferences }: OperationContext,
): Promise<ShownRevision> {
  const { roleArn, revisionId } = revision;
  const shown = { roleArn, ...shownSettings(revision), revisionId };
  if (includedData === 'METADATA_ONLY' && isCustomerManaged(revision))
    return { ...shown, definition: NO_DEFINITION };
  return {
    ...shown,
    definition: revision.definition,
    variableReferences: await variableReferences.of(revision.rowId, () => revision),
  };
}
