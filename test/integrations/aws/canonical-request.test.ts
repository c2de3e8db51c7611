/** AWS's own Signature Version 4 test suite, and what it does not ask. */
import { describe, expect, test } from 'vitest';
import {
  canonicalRequest,
  headerValues,
  queryParameters,
  splitOnce,
} from '../../../integrations/aws/canonical-request.ts';
import { sha256, sign, signingKey, stringToSign } from '../../../integrations/aws/signature.ts';

const TIMESTAMP = '20150830T123600Z';
const SCOPE = { date: '20150830', region: 'us-east-1', service: 'service' };
const KEY = signingKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', SCOPE);
const CREDENTIAL = 'AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request';

type Headers = readonly (readonly [name: string, value: string])[];

/** As it goes over the wire: UTF-8, one character a byte. */
function onTheWire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function canonical(method: string, target: string, headers: Headers, body = ''): string {
  const [path, query] = splitOnce(onTheWire(target), '?');
  const values = headerValues([['Host', 'example.amazonaws.com'], ...headers].flat());
  return canonicalRequest(
    { method, path, query: queryParameters(query), headers: values },
    [...values.keys()].reverse(),
    sha256(body),
  );
}

function signature(...request: Parameters<typeof canonical>): string {
  return sign(KEY, stringToSign(canonical(...request), TIMESTAMP, SCOPE));
}

const BODY_HASH = '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e';
const VANILLA = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';

/** https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite/v4 */
describe('AWS’s test suite, signed in the Authorization header', () => {
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  test.each<[name: string, target: string, headers: Headers, signature: string]>([
    ['get-vanilla', '/', [], VANILLA],
    [
      'get-header-key-duplicate',
      '/',
      [
        ['My-Header1', 'value2'],
        ['My-Header1', 'value2'],
        ['My-Header1', 'value1'],
      ],
      'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    ],
    [
      'get-header-value-order',
      '/',
      ['value4', 'value1', 'value3', 'value2'].map((value) => ['My-Header1', value] as const),
      '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
    ],
    [
      'get-header-value-trim',
      '/',
      [
        ['My-Header1', ' value1'],
        ['My-Header2', ' "a   b   c"'],
      ],
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    ['get-relative', '/example/..', [], VANILLA],
    ['get-relative-relative', '/example1/example2/../..', [], VANILLA],
    ['get-slash', '//', [], VANILLA],
    ['get-slash-dot-slash', '/./', [], VANILLA],
    [
      'get-slash-pointless-dot',
      '/./example',
      [],
      'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
    ],
    ['get-slashes', '//example//', [], '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
    ['get-space', '/example space/', [], '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
    [
      'get-unreserved',
      `/-._~${letters}`,
      [],
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    ],
    ['get-utf8', '/ሴ', [], '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    [
      'get-vanilla-empty-query-key',
      '/?Param1=value1',
      [],
      'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    ],
    [
      'get-vanilla-query-order-encoded',
      '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
      [],
      '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    ],
    [
      'get-vanilla-query-order-key-case',
      '/?Param2=value2&Param1=value1',
      [],
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-query-unreserved',
      `/?-._~${letters}=-._~${letters}`,
      [],
      '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    ],
    [
      'get-vanilla-utf8-query',
      '/?ሴ=bar',
      [],
      '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    ],
  ])('%s', (_name, target, headers, expected) => {
    expect(signature('GET', target, [...headers, ['X-Amz-Date', TIMESTAMP]])).toBe(expected);
  });

  test.each<[name: string, headers: Headers, body: string, signature: string]>([
    ['post-vanilla', [], '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-header-key-sort',
      [['My-Header1', 'value1']],
      '',
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'post-x-www-form-urlencoded',
      [
        ['Content-Type', 'application/x-www-form-urlencoded'],
        ['Content-Length', '13'],
        ['x-amz-content-sha256', BODY_HASH],
      ],
      'Param1=value1',
      'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    ],
    [
      'post-x-www-form-urlencoded-parameters',
      [
        ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
        ['Content-Length', '13'],
        ['x-amz-content-sha256', BODY_HASH],
      ],
      'Param1=value1',
      '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
    ],
  ])('%s', (_name, headers, body, expected) => {
    expect(signature('POST', '/', [...headers, ['X-Amz-Date', TIMESTAMP]], body)).toBe(expected);
  });
});

describe('AWS’s test suite, presigned', () => {
  test.each<[name: string, method: string, target: string, headers: Headers, signature: string]>([
    ['post-vanilla', 'POST', '/?', [], '2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b'],
    ['get-utf8', 'GET', '/ሴ?', [], '10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '/?Param2=value2&Param1=value1&',
      [],
      '86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5',
    ],
    [
      'get-vanilla-query-order-encoded',
      'GET',
      '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1&',
      [],
      'c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787',
    ],
    [
      'get-header-key-duplicate',
      'GET',
      '/?',
      ['value2', 'value2', 'value1'].map((value) => ['My-Header1', value] as const),
      '3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97',
    ],
    [
      'get-header-value-trim',
      'GET',
      '/?',
      [
        ['My-Header1', ' value1'],
        ['My-Header2', ' "a   b   c"'],
      ],
      'e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4',
    ],
  ])('%s', (_name, method, start, headers, expected) => {
    const names = ['host', ...new Set(headers.map(([name]) => name.toLowerCase()))].join('%3B');
    const target = `${start}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${CREDENTIAL}&X-Amz-Date=${TIMESTAMP}&X-Amz-SignedHeaders=${names}&X-Amz-Expires=3600`;
    expect(signature(method, target, headers)).toBe(expected);
  });
});

describe('a canonical request', () => {
  const [PATH, QUERY] = [1, 2];
  const line = (number: number, target: string) => canonical('GET', target, []).split('\n')[number];

  test('has all that is signed, in order', () => {
    const headers = [
      ['X-Empty', ''],
      ['Content-Type', '\ta\t \tb '],
    ] as const;
    expect(canonical('POST', '/a?b', headers, '{}').split('\n')).toEqual([
      'POST',
      '/a',
      'b=',
      'content-type:a b',
      'host:example.amazonaws.com',
      'x-empty:',
      '',
      'content-type;host;x-empty',
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    ]);
  });

  test.each([
    ['', '/'],
    ['/', '/'],
    ['/a/./b/', '/a/b/'],
    ['/../../a', '/a'],
    ['/a/..', '/'],
    ['/a/../', '/'],
    ['/...', '/...'],
    ['/%7Ea%2Fb', '/%257Ea%252Fb'],
    ['/%2e%2E/a', '/%252e%252E/a'],
    ["/a!$&'()*+,;=:@", '/a%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40'],
    ['/höhe', '/h%C3%B6he'],
    ['/h%C3%B6he', '/h%25C3%25B6he'],
  ])('of the path %s has %s', (path, expected) => {
    expect(line(PATH, path)).toBe(expected);
  });

  test.each([
    ['', ''],
    ['&&', ''],
    ['a', 'a='],
    ['a=', 'a='],
    ['=a', '=a'],
    ['a=b=c', 'a=b%3Dc'],
    ['b=2&a=1', 'a=1&b=2'],
    ['a=2&a=1&a', 'a=&a=1&a=2'],
    ['a-b=1&a=2', 'a=2&a-b=1'],
    ['a%2Db=1&a=2', 'a=2&a-b=1'],
    ['a=%7e%2f%C3%b6', 'a=~%2F%C3%B6'],
    ['a=ö', 'a=%C3%B6'],
    ['a=b+c%20d%2Be', 'a=b%20c%20d%2Be'],
    ['a=%&b=%zz&c=%4', 'a=%25&b=%25zz&c=%254'],
    ['a=%ff%00', 'a=%FF%00'],
    ["a=!'()*", 'a=%21%27%28%29%2A'],
  ])('of the query %s has %s', (query, expected) => {
    expect(line(QUERY, `/?${query}`)).toBe(expected);
  });

  test('has no line for a signed header that is not there', () => {
    const request = { method: 'GET', path: '/', query: [], headers: headerValues(['Host', 'here']) };
    expect(canonicalRequest(request, ['host', 'x-gone'], 'hash')).toBe(
      'GET\n/\n\nhost:here\n\nhost;x-gone\nhash',
    );
  });

  test('keeps white space that is not HTTP’s: a byte of a letter may look like it', () => {
    const value = onTheWire('à la carte');
    expect(headerValues(['A', value]).get('a')).toBe(value);
  });
});
