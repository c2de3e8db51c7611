import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AnswerModel,
  type AnswerShape,
  answerModel,
} from '../../../api/test-state/answer-models/answer-models.ts';
import { answeredOperation } from '../../../api/test-state/answered-operation.ts';
import { OPTIMIZED_INTEGRATIONS } from '../../../runtime/machine/optimized-integrations.ts';
import { parseResource } from '../../../runtime/machine/resource.ts';
import { ROOT } from '../../support/source-files.ts';
import { post, startTestApi, type TestApi } from '../test-api.ts';
import { type Mode, mockedTask } from './mocked-task.ts';

const SERVICES = readdirSync(join(ROOT, 'api/test-state/answer-models'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(() => test.close());

it('there are models of eleven services', () => {
  expect(SERVICES).toHaveLength(11);
});

describe.each(SERVICES)('the model of %s', (service) => {
  const model = answerModel(service, 'AWS_SDK') as AnswerModel;
  const { operations, shapes } = model;

  it('is read once', () => {
    expect(answerModel(service, 'AWS_SDK')).toBe(model);
  });

  it('has every shape that it names, and requires members that there are', () => {
    const named = Object.values(shapes).flatMap(({ members = {}, item }) => [
      ...Object.values(members),
      ...(item === undefined ? [] : [item]),
    ]);
    expect([...Object.values(operations), ...named].filter((name) => !Object.hasOwn(shapes, name))).toEqual(
      [],
    );
    for (const { members = {}, required = [] } of Object.values(shapes))
      expect(Object.keys(members)).toEqual(expect.arrayContaining([...required]));
  });

  it('takes what it describes, and misses or refuses each field of every operation', async () => {
    for (const [operation, name] of Object.entries(operations)) {
      const fault = (result: object, mode: Mode) => faultOf(service, operation, result, mode);
      const { members = {}, required = [] } = shapes[name] as AnswerShape;
      const answer = sample(shapes, name) as object;
      expect(await fault(answer, 'STRICT'), operation).toBeUndefined();
      expect(await fault({}, 'PRESENT'), operation).toBeUndefined();
      for (const field of required)
        expect(await fault({ ...answer, [field]: null }, 'STRICT')).toBe(
          `Mock result schema validation error: Required field '${field}' is missing`,
        );
      for (const [field, shape] of Object.entries(members)) {
        const wrong = shapes[shape]?.type === 'list' ? {} : [];
        expect(await fault({ [field]: wrong }, 'PRESENT')).toMatch(`Field '${field}' must be a`);
      }
    }
  });
});

/** Everything that a shape may have, four levels deep; below that what it must have. */
function sample(shapes: AnswerModel['shapes'], name: string, depth = 4): unknown {
  const {
    type,
    members = {},
    required = [],
    item = '',
    enum: values,
    min = 0,
    max = Infinity,
  } = shapes[name] as AnswerShape;
  const inside = (inner: string) => sample(shapes, inner, depth - 1);
  const count = Math.max(min, depth > 0 ? 1 : 0);
  switch (type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(members)
          .filter(([member]) => depth > 0 || required.includes(member))
          .map(([member, inner]) => [member, inside(inner)]),
      );
    case 'list':
      return Array.from({ length: count }, () => inside(item));
    case 'map':
      return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, inside(item)]));
    case 'string':
      return values?.at(-1) ?? 'x'.repeat(Math.min(Math.max(min, 1), max));
    case 'number':
      return Number.isFinite(max) ? max : min;
    case 'boolean':
      return false;
  }
}

/** @returns AWS's words for what is wrong with the mock */
async function faultOf(service: string, operation: string, result: object, mode: Mode) {
  const action = operation.charAt(0).toLowerCase() + operation.slice(1);
  const input = mockedTask(`aws-sdk:${service}:${action}`, result, mode);
  const { payload } = await post(test.api, 'TestState', JSON.stringify(input));
  return (JSON.parse(payload) as { message?: string }).message;
}

it('every optimized integration of a service with a model is checked against an operation that there is', () => {
  const checked = [...OPTIMIZED_INTEGRATIONS].flatMap(([name, { suffixes }]) =>
    suffixes.flatMap((suffix) => {
      const resource = parseResource(`arn:aws:states:::${name}${suffix}`);
      const answered = resource?.kind === 'service' ? answeredOperation(resource) : undefined;
      const model = answered && answerModel(answered.service, answered.spelling);
      if (model === undefined) return [];
      expect(model.operations).toHaveProperty(answered?.operation ?? '');
      return [[`${name}${suffix}`, answered?.operation]];
    }),
  );
  expect(checked).toEqual([
    ['batch:submitJob', 'SubmitJob'],
    ['batch:submitJob.sync', 'DescribeJobs'],
    ['dynamodb:getItem', 'GetItem'],
    ['dynamodb:updateItem', 'UpdateItem'],
    ['dynamodb:deleteItem', 'DeleteItem'],
    ['dynamodb:putItem', 'PutItem'],
    ['ecs:runTask', 'RunTask'],
    ['ecs:runTask.sync', 'DescribeTasks'],
    ['events:putEvents', 'PutEvents'],
    ['lambda:invoke', 'Invoke'],
    ['sns:publish', 'Publish'],
    ['sqs:sendMessage', 'SendMessage'],
    ['states:startExecution', 'StartExecution'],
    ['states:startExecution.sync', 'DescribeExecution'],
    ['states:startExecution.sync:2', 'DescribeExecution'],
  ]);
});
