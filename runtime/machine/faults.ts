import type { Diagnostic } from './definition.ts';

/** AWS's codes. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html */
export type DiagnosticCode =
  | 'DUPLICATE_LABEL_NAME'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_JSON_DESCRIPTION'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'INVALID_LABEL_NAME'
  | 'INVALID_STATE_NAME'
  | 'INVALID_VARIABLE_NAME'
  | 'MISSING_END_STATE'
  | 'MISSING_TRANSITION_TARGET'
  | 'NO_DOLLAR'
  | 'NO_PATH'
  | 'PASS_RESULT_IS_STATIC'
  | 'RESERVED_VARIABLE_NAME'
  | 'SCHEMA_VALIDATION_FAILED'
  | 'UNSUPPORTED_JSONATA_EXPRESSION';

/**
 * More errors than this are not kept, nor more warnings: a definition made of nothing but faults in deeply nested
 * places would otherwise be answered with gigabytes. AWS's API shows 100 at most.
 */
const FAULTS_MAX = 250;

/** Collects what is wrong with a definition, in the order in which it is found. */
export class Faults {
  readonly #errors: Diagnostic[] = [];
  readonly #warnings: Diagnostic[] = [];

  get errors(): readonly Diagnostic[] {
    return this.#errors;
  }

  get warnings(): readonly Diagnostic[] {
    return this.#warnings;
  }

  /** @param location a place in the definition: `/States/Charge/Retry[0]/BackoffRate`; undefined: none in particular */
  error(code: DiagnosticCode, message: string, location: string | undefined): void {
    if (this.#errors.length < FAULTS_MAX) this.#errors.push({ severity: 'ERROR', code, message, location });
  }

  warning(code: DiagnosticCode, message: string, location: string): void {
    if (this.#warnings.length < FAULTS_MAX)
      this.#warnings.push({ severity: 'WARNING', code, message, location });
  }

  /** A fault of fields, types, ranges, resources or paths: most of them. */
  schema(message: string, location: string): void {
    this.error('SCHEMA_VALIDATION_FAILED', message, location);
  }
}
