import { isObject, type Json, type JsonObject, parseJson } from '../data/json.ts';
import { describeJsonFault } from '../data/json-syntax.ts';
import { compileMachine } from './compile.ts';
import type { Diagnostic, ParseDefinition, ParsedDefinition } from './definition.ts';
import { Faults } from './faults.ts';
import { checkGraph } from './graph.ts';
import { checkExecutionTypes, checkIntegrations } from './integrations.ts';
import type { Machine } from './machine.ts';
import { checkNames } from './names.ts';
import { type OutlinedScope, outlineDefinition, outlineLoneState } from './outline.ts';
import { checkQueryLanguages } from './query-language.ts';
import { type CheckedDefinition, checkShapes, checkStates } from './schema/definition.ts';
import { checkVariables } from './variables.ts';
import { checkForWarnings } from './warnings.ts';

/**
 * Parses, checks and compiles a definition; reports every fault with its place. Never throws on bad input.
 * @param text the definition as it was given
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
export const parseDefinition: ParseDefinition = (text, type) => {
  const faults = new Faults();
  const definition = readObject(text, faults);
  if (definition === undefined) return { ok: false, diagnostics: faults.errors };
  const outline = outlineDefinition(definition);
  const machine = compileOutline(outline, checkShapes(outline, faults), faults);
  checkExecutionTypes(outline, type, faults);
  checkForWarnings(outline, faults);
  const { errors, warnings } = faults;
  if (errors.length > 0) return { ok: false, diagnostics: [...errors, ...warnings] };
  return { ok: true, machine, warnings };
};

/**
 * Parses the definition of one state, for TestState: where it leads to is not known, so that is not checked.
 * @param name the state's name; the machine has no other state, but those inside it
 */
export function parseStateDefinition(text: string, name: string): ParsedDefinition {
  const faults = new Faults();
  const definition = readObject(text, faults);
  if (definition === undefined) return { ok: false, diagnostics: faults.errors };
  const outline = outlineLoneState(name, definition);
  const checked = { machine: undefined, states: checkStates(outline, faults) };
  const machine = compileOutline(outline, checked, faults);
  // The state itself stands where a machine would: at the root.
  const diagnostics = faults.errors.map((fault) =>
    fault.location === '' ? { ...fault, location: '/' } : fault,
  );
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, machine, warnings: [] };
}

/** `<CODE>: <message> at <location>, …`: how an InvalidDefinition error lists the faults of a definition. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'ERROR')
    .map(({ code, message, location = 'null' }) => `${code}: ${message} at ${location}`)
    .join(', ');
}

/** The order of the checks is the order in which AWS lists their faults. */
function compileOutline(outline: OutlinedScope, checked: CheckedDefinition, faults: Faults): Machine {
  checkNames(outline, faults);
  checkGraph(outline, faults);
  checkQueryLanguages(outline, faults);
  const machine = compileMachine(outline, checked, faults);
  checkVariables(outline, faults);
  checkIntegrations(outline, faults);
  return machine;
}

/** @returns undefined when the text is no JSON object, which is reported here */
function readObject(text: string, faults: Faults): JsonObject | undefined {
  const definition = readJson(text, faults);
  if (isObject(definition)) return definition;
  if (faults.errors.length === 0)
    faults.error('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', undefined);
  return undefined;
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
