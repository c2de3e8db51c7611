/**
 * Input and output processing, in the order of the Amazon States Language. Data that a stage does not change
 * stays the same Payload, so it is neither parsed nor written again.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
 */

import type { Turn } from '../execution/step.ts';
import { TurnStates } from '../execution/turn-environment.ts';
import type { Environment } from '../expressions/environment.ts';
import type { Path, ReferencePath } from '../expressions/expression.ts';
import { runtimeFailure } from '../failures/failure.ts';
import type { DataFlow } from '../machine/machine.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { Payload } from './payload.ts';

const EMPTY = Payload.fromValue({});

/** The raw input after InputPath. */
export function effectiveInput(turn: Turn, flow: DataFlow): Payload {
  const { input } = turn.branch;
  if (flow.language === 'JSONata') return input;
  return turn.observe('afterInputPath', applyPath(turn, flow.inputPath, input));
}

/** After Parameters or Arguments: what the state's work is given. */
export function workInput(turn: Turn, flow: DataFlow, effective: Payload): Payload {
  const isJsonata = flow.language === 'JSONata';
  const template = isJsonata ? flow.arguments : flow.parameters;
  const input =
    template === undefined
      ? effective
      : Payload.fromValue(
          template.evaluate(turn.environment(effective.value, { states: new TurnStates(turn) })),
        );
  return turn.observe(isJsonata ? 'afterArguments' : 'afterParameters', input);
}

export interface Departure {
  readonly output: Payload;
  readonly assigned: Readonly<Record<string, Payload>> | undefined;
}

/**
 * What a state leaves with. Output and Assign are evaluated side by side: both see the variables of the entry.
 * @param result the raw result; undefined for states that have none (Choice, Wait, Succeed)
 * @param effective what Assign's `$` means where there is no result
 */
export function departure(
  turn: Turn,
  flow: DataFlow,
  result: Payload | undefined,
  effective: Payload,
  override?: Pick<DataFlow, 'assign'> & { output?: { evaluate(environment: Environment): Json } | undefined },
): Departure {
  const assign = (override ?? flow).assign;
  if (flow.language === 'JSONata') {
    const states = new TurnStates(turn, result);
    const template = override ? override.output : flow.output;
    const environment = turn.environment(turn.branch.input.value, { states });
    const output = template
      ? Payload.fromValue(template.evaluate(environment))
      : (result ?? turn.branch.input);
    return { output, assigned: assign && variables(assign.evaluate(environment)) };
  }
  const output = applyPath(turn, flow.outputPath, afterResultPath(turn, flow, result, effective));
  return {
    output,
    assigned: assign && variables(assign.evaluate(turn.environment((result ?? effective).value))),
  };
}

/** After ResultSelector and ResultPath: the result's place in the raw input. */
function afterResultPath(
  turn: Turn,
  flow: Extract<DataFlow, { language: 'JSONPath' }>,
  result: Payload | undefined,
  effective: Payload,
): Payload {
  if (result === undefined) return effective;
  const { resultSelector, resultPath } = flow;
  const selected = resultSelector
    ? Payload.fromValue(resultSelector.evaluate(turn.environment(result.value)))
    : result;
  turn.observe('afterResultSelector', selected);
  return turn.observe('afterResultPath', placed(turn.branch.input, resultPath, selected));
}

function placed(input: Payload, resultPath: ReferencePath | null, result: Payload): Payload {
  if (resultPath === null) return input;
  if (resultPath.isRoot) return result;
  return Payload.fromValue(resultPath.write(input.value, result.value));
}

/** InputPath and OutputPath. @throws StateFailure States.Runtime where the path leads nowhere */
function applyPath(turn: Turn, path: Path | null, data: Payload): Payload {
  if (path === null) return EMPTY;
  if (path.isRoot) return data;
  return Payload.fromValue(resolvePath(path, turn.environment(data.value)));
}

/** @throws StateFailure States.Runtime where the path leads nowhere */
export function resolvePath(path: Path, environment: Environment): Json {
  const resolved = path.resolve(environment);
  if (resolved.found) return resolved.value;
  throw runtimeFailure(`Invalid path '${path.source}' : ${resolved.message}`);
}

/** Assign evaluates to an object: one variable a member. */
export function variables(assigned: Json): Record<string, Payload> {
  return Object.fromEntries(
    Object.entries(isObject(assigned) ? assigned : ({} as JsonObject)).map(([name, value]) => [
      name,
      Payload.fromValue(value),
    ]),
  );
}
