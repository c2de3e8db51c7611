import { expect, test } from 'vitest';
import { credentialsFrom, signedHeaders } from '../../../integrations/aws/signature.ts';

/** The credentials, time and scope of AWS's own Signature Version 4 test suite. */
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
};
const scope = { region: 'us-east-1', service: 'service', time: Date.parse('2015-08-30T12:36:00Z') };

test.each([
  ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('AWS’s case %s', (_, method, path, signature) => {
  const request = { method, url: new URL(`https://example.amazonaws.com${path}`), headers: {}, body: '' };
  expect(signedHeaders(request, credentials, scope)).toEqual({
    'X-Amz-Date': '20150830T123600Z',
    Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  });
});

test('each day, region and service has a key of its own', () => {
  const request = { method: 'GET', url: new URL('https://example.amazonaws.com/'), headers: {}, body: '' };
  const DAY_MS = 24 * 60 * 60 * 1000;
  const scopes = [
    scope,
    { ...scope, time: scope.time + DAY_MS },
    { ...scope, region: 'eu-west-1' },
    { ...scope, service: 'lambda' },
    scope,
  ];
  const signed = scopes.map((one) => signedHeaders(request, credentials, one));
  expect(signed).toEqual(scopes.map((one) => signedHeaders(request, { ...credentials }, one)));
  expect(new Set(signed.map(({ Authorization }) => Authorization?.split('Signature=')[1])).size).toBe(4);
});

test('credentials come from the AWS SDKs’ variables, whole or not at all', () => {
  expect(credentialsFrom({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' })).toEqual({
    accessKeyId: 'a',
    secretAccessKey: 's',
    sessionToken: undefined,
  });
  expect(credentialsFrom({ AWS_ACCESS_KEY_ID: 'a' })).toBeUndefined();
  expect(credentialsFrom({})).toBeUndefined();
});
