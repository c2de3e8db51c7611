/** Small definitions around the part that a test is about. */

import type { Machine, MachineType } from '../../../runtime/machine/machine.ts';
import { formatDiagnostics, parseDefinition } from '../../../runtime/machine/parse.ts';

type Definition = Record<string, unknown>;

export const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:f';

/** A machine whose first state is `S`. */
export function machineWith(state: Definition, more: Definition = {}): Definition {
  return { StartAt: 'S', States: { S: state }, ...more };
}

/** A machine with a Choice state that has this one rule. */
export function machineWithRule(rule: unknown, more: Definition = {}): Definition {
  const choice = { Type: 'Choice', Choices: [rule], Default: 'Done' };
  return { StartAt: 'S', States: { S: choice, Done: { Type: 'Succeed' } }, ...more };
}

/** A machine with a distributed Map state of these fields. */
export function machineWithDistributedMap(fields: Definition): Definition {
  const map = { Type: 'Map', ItemProcessor: distributedProcessor, End: true, ...fields };
  return machineWith(map);
}

export const processor = { StartAt: 'Inner', States: { Inner: { Type: 'Pass', End: true } } };
export const distributedProcessor = {
  ...processor,
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
};

/** `<CODE>: <message> at <location>` of each fault; empty when there is none. */
export function faultsOf(definition: unknown, type: MachineType = 'STANDARD'): string[] {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const parsed = parseDefinition(text, type);
  return parsed.ok ? [] : parsed.diagnostics.map((diagnostic) => formatDiagnostics([diagnostic]));
}

export function machineOf(definition: unknown): Machine {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const parsed = parseDefinition(text, 'STANDARD');
  if (!parsed.ok) throw new Error(formatDiagnostics(parsed.diagnostics));
  return parsed.machine;
}
