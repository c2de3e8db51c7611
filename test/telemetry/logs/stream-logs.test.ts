import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { streamLogs } from '../../../telemetry/logs/stream-logs.ts';
import { entry } from './log-entry.ts';

test('each record is a line of JSON, and a write waits until the stream has passed it on', async () => {
  const chunks: string[] = [];
  let passOn = () => {};
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      passOn = done;
    },
  });
  const entries = [entry(1), entry(2)];
  let isWritten = false;
  const written = streamLogs(stream)
    .write(entries, () => {})
    .then(() => {
      isWritten = true;
    });
  await Promise.resolve();
  expect(isWritten).toBe(false);
  passOn();
  await written;
  const lines = chunks.join('').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(entries.map(({ record }) => record));
});

test('a stream that breaks fails the write', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('closed')) });
  stream.on('error', () => {});
  await expect(streamLogs(stream).write([entry(1)], () => {})).rejects.toThrow('closed');
});
