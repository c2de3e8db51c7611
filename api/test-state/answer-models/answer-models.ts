/** What the operations of AWS services answer, as far as mocked results are checked against it. */
import { readFileSync } from 'node:fs';
import { type Spelling, spell } from '../spelling.ts';

export interface AnswerModel {
  /** The name of an operation's shape; operations that answer nothing are left out. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, AnswerShape>>;
}

export interface AnswerShape {
  readonly type: 'structure' | 'map' | 'list' | 'string' | 'number' | 'boolean';
  /** Names of shapes, by the members of a structure. */
  readonly members?: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  /** The name of the shape that a list or a map holds. */
  readonly item?: string;
  readonly enum?: readonly string[];
  /** Of numbers the value, of everything else the length. */
  readonly min?: number;
  readonly max?: number;
}

/** Those whose model is in this folder, by the names that `aws-sdk:` integrations have for them. */
const SERVICES: ReadonlySet<string> = new Set([
  'batch',
  'dynamodb',
  'ecs',
  'eventbridge',
  'kms',
  'lambda',
  's3',
  'secretsmanager',
  'sfn',
  'sns',
  'sqs',
]);

const models = new Map<string, AnswerModel>();

/**
 * The model of a service, which is read (once) when it is first asked for.
 * @param service as `aws-sdk:` integrations call it: `eventbridge`
 * @returns undefined when there is no model of that service
 */
export function answerModel(service: string, spelling: Spelling): AnswerModel | undefined {
  if (!SERVICES.has(service)) return undefined;
  const key = `${spelling}:${service}`;
  const model = models.get(key) ?? read(service, spelling);
  models.set(key, model);
  return model;
}

function read(service: string, spelling: Spelling): AnswerModel {
  const text = readFileSync(new URL(`${service}.json`, import.meta.url), 'utf8');
  const { operations, shapes } = JSON.parse(text) as AnswerModel;
  const spelled = Object.entries(shapes).map(([name, shape]) => [name, spellMembers(shape, spelling)]);
  return { operations, shapes: Object.fromEntries(spelled) };
}

function spellMembers(shape: AnswerShape, spelling: Spelling): AnswerShape {
  const { members, required } = shape;
  if (members === undefined) return shape;
  return {
    ...shape,
    members: Object.fromEntries(
      Object.entries(members).map(([name, target]) => [spell(name, spelling), target]),
    ),
    ...(required && { required: required.map((name) => spell(name, spelling)) }),
  };
}
