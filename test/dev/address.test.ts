import { expect, test } from 'vitest';
import { refuseForeignHost, refuseOwnAddress } from '../../dev/address.ts';

test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])(
  'the development server may listen on %s',
  (host) => {
    expect(() => refuseForeignHost(host)).not.toThrow();
  },
);

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org', ''])(
  'the development server may not listen on "%s"',
  (host) => {
    expect(() => refuseForeignHost(host)).toThrow(/listens on this machine only/);
  },
);

const own = { host: '127.0.0.1', port: 8083 };

test.each([
  ['AWS_ENDPOINT_URL', 'http://127.0.0.1:8083'],
  ['AWS_ENDPOINT_URL', 'http://localhost:8083/'],
  ['AWS_ENDPOINT_URL_LAMBDA', 'http://[::1]:8083'],
])('%s=%s leads back to the server', (name, value) => {
  expect(() => refuseOwnAddress(own, { [name]: value })).toThrow(new RegExp(`^${name}: `));
});

test.each([
  ['AWS_ENDPOINT_URL_SFN', 'http://127.0.0.1:8083'],
  ['AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:4574'],
  ['AWS_ENDPOINT_URL_LAMBDA', 'http://lambda.internal:8083'],
  ['AWS_ENDPOINT_URL', ''],
  ['AWS_ENDPOINT_URL', 'nonsense'],
  ['HOME', 'http://127.0.0.1:8083'],
])('%s=%s does not', (name, value) => {
  expect(() => refuseOwnAddress(own, { [name]: value })).not.toThrow();
});
