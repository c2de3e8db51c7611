import type { Json, JsonObject } from '../data/json.ts';
import type { Path } from '../expressions/expression.ts';
import type { Expressions } from './compile-expressions.ts';
import type { DataFlow, StateType } from './machine.ts';

/** The data flow fields of all states; each has some of them. */
interface FlowFields {
  readonly Type: StateType;
  readonly InputPath?: string | null | undefined;
  readonly Parameters?: Json | undefined;
  readonly ResultSelector?: Json | undefined;
  readonly ResultPath?: string | null | undefined;
  readonly OutputPath?: string | null | undefined;
  readonly Arguments?: Json | undefined;
  readonly Output?: Json | undefined;
  readonly Assign?: JsonObject | undefined;
}

export function compileFlow(fields: FlowFields, expressions: Expressions): DataFlow {
  const assign = expressions.optionalTemplate('Assign', fields.Assign);
  if (expressions.language === 'JSONata')
    return {
      language: 'JSONata',
      arguments: expressions.optionalTemplate('Arguments', fields.Arguments),
      output: expressions.optionalTemplate('Output', fields.Output),
      assign,
    };
  const path = (field: 'InputPath' | 'OutputPath'): Path | null => {
    const source = fields[field];
    return source === null ? null : expressions.path(field, source ?? '$');
  };
  return {
    language: 'JSONPath',
    inputPath: path('InputPath'),
    parameters: expressions.optionalTemplate('Parameters', fields.Parameters),
    resultSelector: expressions.optionalTemplate('ResultSelector', fields.ResultSelector),
    resultPath: expressions.resultPath('ResultPath', fields.ResultPath),
    outputPath: path('OutputPath'),
    assign,
  };
}
