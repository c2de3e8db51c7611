/**
 * Writes the tables in this folder, one for each service model that it is given:
 *
 *     node api/test-state/answer-models/generate.ts path/to/dynamodb/service-2.json path/to/sqs/service-2.json …
 *
 * The models are `botocore/data/<service>/<version>/service-2.json` of github.com/boto/botocore. Taken over is what
 * mocked results are checked for: the shapes of what operations answer, with required members, enums, lengths and ranges.
 */
import { writeFileSync } from 'node:fs';
import { type Model, type ModelShape, readModel } from '../../model/official-model.ts';
import type { AnswerModel, AnswerShape } from './answer-models.ts';

/** How JSON shows the types of the models. */
const SHOWN_AS: Readonly<Record<string, AnswerShape['type']>> = {
  structure: 'structure',
  map: 'map',
  list: 'list',
  string: 'string',
  blob: 'string',
  timestamp: 'string',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
};

/**
 * Where AWS was recorded with another constraint than the model has: in December 2025 TestState refused a MemorySize
 * of 10,241, and the model has since been raised to 32,768.
 */
const AS_RECORDED: Readonly<Record<string, Partial<ModelShape>>> = { 'Lambda.MemorySize': { max: 10_240 } };

function generate(model: Model): AnswerModel {
  const shapes: Record<string, AnswerShape> = {};
  /** Puts a shape into the table, and all that it is made of; those that are nothing but their type share a name. */
  const refer = ({ shape: name }: { readonly shape: string }): string => {
    const shape = modelShape(model, name);
    const type = typeShown(shape);
    const plain = isPlain(shape);
    if (plain && model.shapes[type] !== undefined && !isPlain(modelShape(model, type)))
      throw new Error(`${model.metadata.serviceId} has a shape with the name of a type: ${type}`);
    const key = plain ? type : name;
    if (shapes[key] !== undefined) return key;
    // Before the shapes inside, since some contain themselves.
    shapes[key] = { type };
    shapes[key] = { type, ...inside(model, shape, refer), ...constraints(shape) };
    return key;
  };
  const operations = Object.fromEntries(
    Object.entries(model.operations).flatMap(([name, { output }]) => (output ? [[name, refer(output)]] : [])),
  );
  return { operations, shapes };
}

function modelShape({ metadata, shapes }: Model, name: string): ModelShape {
  return { ...(shapes[name] as ModelShape), ...AS_RECORDED[`${metadata.serviceId}.${name}`] };
}

function typeShown({ type, document }: ModelShape): AnswerShape['type'] {
  const shown = document ? undefined : SHOWN_AS[type];
  if (shown === undefined) throw new Error(`there is no check for ${document ? 'a document' : type}`);
  return shown;
}

function isPlain(shape: ModelShape): boolean {
  return !shape.members && !shape.member && !shape.value && Object.keys(constraints(shape)).length === 0;
}

/** Members that may be any JSON are left out, as if the model did not know them. */
function inside(
  model: Model,
  { members, required, member, value }: ModelShape,
  refer: (target: { readonly shape: string }) => string,
): Partial<AnswerShape> {
  const item = member ?? value;
  const checked = Object.entries(members ?? {}).filter(([, { shape }]) => !modelShape(model, shape).document);
  return {
    ...(members && { members: Object.fromEntries(checked.map(([name, target]) => [name, refer(target)])) }),
    ...(required && { required }),
    ...(item && { item: refer(item) }),
  };
}

/** Without those that cannot be broken: of a length from 0 on. */
function constraints(shape: ModelShape): Partial<AnswerShape> {
  const { enum: values, min, max } = shape;
  const isNumber = typeShown(shape) === 'number';
  return {
    ...(values && { enum: values }),
    ...(min !== undefined && (isNumber || min > 0) && { min }),
    ...(max !== undefined && { max }),
  };
}

/** One operation or shape a line, so that a new version of a model shows as what has changed. */
function table({ operations, shapes }: AnswerModel): string {
  const lines = (members: object) =>
    Object.entries(members)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n');
  return `{"operations":{\n${lines(operations)}\n},"shapes":{\n${lines(shapes)}\n}}\n`;
}

const paths = process.argv.slice(2);
if (paths.length === 0)
  throw new Error('usage: node api/test-state/answer-models/generate.ts path/to/service-2.json …');
for (const model of paths.map(readModel)) {
  const service = model.metadata.serviceId.replaceAll(' ', '').toLowerCase();
  writeFileSync(new URL(`${service}.json`, import.meta.url), table(generate(model)));
}
