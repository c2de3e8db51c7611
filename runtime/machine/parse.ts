import { isObject, type Json, parseJson } from '../data/json.ts';
import { describeJsonFault } from '../data/json-syntax.ts';
import { compileMachine } from './compile.ts';
import type { Diagnostic, ParseDefinition } from './definition.ts';
import { Faults } from './faults.ts';
import { checkGraph } from './graph.ts';
import { checkIntegrations, checkMachineType } from './integrations.ts';
import { checkNames } from './names.ts';
import { outlineDefinition } from './outline.ts';
import { checkQueryLanguages } from './query-language.ts';
import { checkShapes } from './schema/definition.ts';
import { checkForWarnings } from './warnings.ts';

/**
 * Parses, checks and compiles a definition; reports every fault with its place. Never throws on bad input.
 * @param text the definition as it was given
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
export const parseDefinition: ParseDefinition = (text, type) => {
  const faults = new Faults();
  const definition = readJson(text, faults);
  if (!isObject(definition)) {
    if (faults.errors.length === 0)
      faults.error('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', undefined);
    return { ok: false, diagnostics: faults.errors };
  }
  // The order of the checks is the order in which AWS lists their faults.
  const outline = outlineDefinition(definition);
  const checked = checkShapes(outline, faults);
  checkNames(outline, faults);
  checkGraph(outline, faults);
  checkQueryLanguages(outline, faults);
  const machine = compileMachine(outline, checked, faults);
  checkIntegrations(outline, faults);
  checkMachineType(outline, type, faults);
  checkForWarnings(outline, faults);
  const { errors, warnings } = faults;
  if (errors.length > 0) return { ok: false, diagnostics: [...errors, ...warnings] };
  return { ok: true, machine, warnings };
};

/** `<CODE>: <message> at <location>, …`: how an InvalidDefinition error lists the faults of a definition. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'ERROR')
    .map(({ code, message, location = 'null' }) => `${code}: ${message} at ${location}`)
    .join(', ');
}

/** @returns undefined when the text is no JSON; but for an empty one, that is reported here */
function readJson(text: string, faults: Faults): Json | undefined {
  if (text.trim() === '') return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const fault = describeJsonFault(text);
    if (fault === undefined) faults.error('INVALID_JSON_DESCRIPTION', error.message, undefined);
    else faults.error('INVALID_JSON_DESCRIPTION', `${fault.message}\n at ${fault.location}`, fault.location);
    return undefined;
  }
}
