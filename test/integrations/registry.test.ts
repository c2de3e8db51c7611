import { describe, expect, test } from 'vitest';
import { openIntegrations, resource } from './fixtures/task-call.ts';

describe('find', () => {
  const integrations = openIntegrations();
  test.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:charge', 'lambda'],
    ['arn:aws:lambda:us-east-1:000000000000:function:charge:live', 'lambda'],
    ['arn:aws:states:::lambda:invoke', 'lambda'],
    ['arn:aws:states:::lambda:invoke.waitForTaskToken', 'lambda'],
    ['arn:aws:states:::lambda:invoke.sync', undefined],
    ['arn:aws:states:::lambda:listFunctions', undefined],
    ['arn:aws:states:::aws-sdk:lambda:invoke', undefined],
    ['arn:aws:states:::sqs:sendMessage', undefined],
    ['arn:aws:states:us-east-1:000000000000:activity:pack', undefined],
  ])('%s: %s', (arn, name) => {
    expect(integrations.find(resource(arn))?.name).toBe(name);
  });
});

test('a call to Lambda whose worker died has an unknown outcome, which Retry can match', () => {
  const arn = resource('arn:aws:states:::lambda:invoke');
  const lambda = openIntegrations().find(arn);
  expect(lambda?.recovery).toBe('unknown');
  expect(lambda?.lost(arn)).toEqual({
    error: 'Lambda.SdkClientException',
    cause:
      'The worker stopped before the answer came: whether the function ran, and with what outcome, is unknown',
  });
});

test.each([
  [
    { AWS_ENDPOINT_URL_LAMBDA: 'localhost:4566' },
    'AWS_ENDPOINT_URL_LAMBDA: expected an http or https URL, got "localhost:4566"',
  ],
  [{ AWS_ENDPOINT_URL: 'nonsense' }, 'AWS_ENDPOINT_URL: expected an http or https URL, got "nonsense"'],
])('an endpoint that is none: %o', (env, message) => {
  expect(() => openIntegrations(undefined, env)).toThrow(message);
});

test('a function map that is not there', () => {
  expect(() => openIntegrations('nowhere.json')).toThrow(
    /^Function map .*nowhere\.json: no such file or folder$/,
  );
});
