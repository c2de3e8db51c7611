import type { Writable } from 'node:stream';
import type { LogDestination } from './log-destination.ts';

/** Records as JSON lines. A write is over when the stream has passed it on, so a slow reader is waited for. */
export function streamLogs(stream: Writable): LogDestination {
  return {
    write: (entries) =>
      new Promise((resolve, reject) => {
        const lines = entries.map(({ record }) => `${JSON.stringify(record)}\n`);
        stream.write(lines.join(''), (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {},
  };
}
