import type { Machine, MachineType } from './machine.ts';

/**
 * One fault of a definition, as ValidateStateMachineDefinition reports it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** `/States/Charge/Retry[0]/BackoffRate`; undefined where AWS gives none. */
  readonly location: string | undefined;
}

export type ParsedDefinition =
  | { readonly ok: true; readonly machine: Machine; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Parses, checks and compiles a definition; reports every fault with its place. Never throws on bad input. */
export type ParseDefinition = (text: string, type: MachineType) => ParsedDefinition;
