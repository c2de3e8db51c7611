import { States } from '../../failures/failure.ts';
import type { JsonataExpression, JsonataOutcome } from '../environment.ts';
import { memoryLimit, stackLimit } from './meter.ts';

/** What jsonata throws: a plain object with a code and, by the time it arrives here, a message. */
interface Thrown {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** Codes of jsonata for sequences that are too long: on AWS it is the memory that ends first. */
const TOO_LONG = new Set<unknown>(['D2014', 'D2015']);

export function undefinedResult(expression: JsonataExpression): JsonataOutcome {
  return failure(expression, 'returned nothing (undefined).');
}

export function unsupportedResult(expression: JsonataExpression): JsonataOutcome {
  return failure(expression, 'returned an unsupported result type.');
}

/** Words what an evaluation has thrown as AWS does: errors of JSONata with their code, limits without. */
export function evaluationFailure(expression: JsonataExpression, error: unknown): JsonataOutcome {
  const { code, message } = asThrown(error);
  const reason = code === undefined ? `: ${String(message)}` : `. ${String(code)}: ${String(message)}`;
  return failure(expression, `threw an error during evaluation${reason}`);
}

function asThrown(error: unknown): Thrown {
  const thrown = (error ?? {}) as Thrown;
  if (TOO_LONG.has(thrown.code) || isInvalidLength(error)) return memoryLimit();
  return thrown.code === 'D1011' ? stackLimit() : thrown;
}

/** JavaScript's limit of 2^29 characters was hit inside one of jsonata's functions. */
function isInvalidLength(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Invalid');
}

function failure({ source, field }: JsonataExpression, reason: string): JsonataOutcome {
  return {
    kind: 'failure',
    error: States.QueryEvaluationError,
    cause: `The JSONata expression '${source}' specified for the field '${field}' ${reason}`,
    location: field,
  };
}
