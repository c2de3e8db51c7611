import { type Diagnostic, parseDefinition } from '../../runtime/index.ts';
import { pageSize } from '../pages.ts';
import type { Operation } from './operation.ts';

/**
 * Never fails on a bad definition: its faults are the answer.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
 */
export const validateStateMachineDefinition: Operation<'ValidateStateMachineDefinition'> = async (input) => {
  const { definition, type = 'STANDARD', severity = 'ERROR' } = input;
  const parsed = parseDefinition(definition, type);
  const diagnostics = (parsed.ok ? parsed.warnings : parsed.diagnostics).filter(isShown(severity));
  const limit = pageSize(input.maxResults);
  return {
    result: parsed.ok ? 'OK' : 'FAIL',
    diagnostics: diagnostics.slice(0, limit),
    truncated: diagnostics.length > limit,
  };
};

/** ERROR shows errors alone, WARNING shows both. */
function isShown(severity: Diagnostic['severity']): (diagnostic: Diagnostic) => boolean {
  return (diagnostic) => severity === 'WARNING' || diagnostic.severity === 'ERROR';
}
