import { type Json, stringifyJson } from '../../data/json.ts';
import { runtimeFailure } from '../../failures/failure.ts';
import type { Environment } from '../environment.ts';
import type { Template } from '../expression.ts';
import { compilePath, variablesOf } from '../jsonpath/path.ts';
import { ExpressionSyntaxError } from '../scanner.ts';
import { IntrinsicFault, invalidArguments } from './fault.ts';
import { type ArgumentSyntax, type CallSyntax, parseCall } from './parser.ts';

export type ParsedIntrinsic =
  | {
      readonly ok: true;
      readonly template: Template;
      /** The variables that it refers to, without `$`; each once. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

type Evaluate = Template['evaluate'];

/**
 * Parses an intrinsic function call, `States.Format('{} items', $.count)`. A wrong number or type of arguments
 * is no fault of the definition: it fails the state when it runs, as on AWS. Never throws.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export function parseIntrinsic(source: string): ParsedIntrinsic {
  try {
    const call = parseCall(source);
    const variables = [...new Set(variablesIn(call))];
    return { ok: true, template: { evaluate: compileCall(call, source) }, variables };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return { ok: false, message: error.message };
  }
}

function variablesIn(argument: ArgumentSyntax): string[] {
  if (argument.kind === 'call') return argument.arguments.flatMap(variablesIn);
  return argument.kind === 'path' ? variablesOf(argument.path) : [];
}

/** @param expression the outermost call as written: AWS's messages quote it whole */
function compileCall(call: CallSyntax, expression: string): Evaluate {
  const operands = call.arguments.map((argument) => compileArgument(argument, expression));
  const [least, most] = call.definition.arguments;
  const rightCount = operands.length >= least && operands.length <= most;
  return (environment) => {
    const values = operands.map((evaluate) => evaluate(environment));
    try {
      if (!rightCount) throw invalidArguments();
      return call.definition.apply(values, environment);
    } catch (fault) {
      throw fault instanceof IntrinsicFault ? failure(expression, call.name, fault) : fault;
    }
  };
}

function compileArgument(argument: ArgumentSyntax, expression: string): Evaluate {
  switch (argument.kind) {
    case 'literal':
      return () => argument.value;
    case 'call':
      return compileCall(argument, expression);
    case 'path': {
      const path = compilePath(argument.source, argument.path);
      return (environment): Json => {
        const result = path.resolve(environment);
        if (!result.found) throw missingArgument(expression, argument.source, environment);
        return result.value;
      };
    }
  }
}

function failure(expression: string, name: string, { what, why }: IntrinsicFault): unknown {
  return runtimeFailure(
    `There was an error while evaluating the intrinsic function: ${expression}. ${what} in ${name}${why}`,
  );
}

/** AWS names a path into the context object as if it were one into the input, and quotes the input. */
function missingArgument(expression: string, source: string, { input }: Environment): unknown {
  const named = source.startsWith('$$') ? source.slice(1) : source;
  return runtimeFailure(
    `The function '${expression}' had the following error: The JsonPath argument for the field '${named}' could not be found in the input '${stringifyJson(input)}'`,
  );
}
