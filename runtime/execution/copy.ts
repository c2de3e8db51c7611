import { Payload } from '../data/payload.ts';
import type { Execution } from './execution.ts';

/** An execution of its own, which evolves apart from the other. Payloads never change, and are shared. */
export function copyExecution(execution: Execution): Execution {
  return copy(execution) as Execution;
}

/** All data of an execution is plain: nothing but Map and Payload has a class. */
function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Payload) return value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copy(item)]));
  if (Array.isArray(value)) return value.map(copy);
  const copied: Record<string, unknown> = { ...value };
  for (const name in copied) if (typeof copied[name] === 'object') copied[name] = copy(copied[name]);
  return copied;
}
