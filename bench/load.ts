/** Load on an API, from a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadMessage, LoadOptions } from './http-load.ts';

const PROGRAM = fileURLToPath(new URL('http-load.ts', import.meta.url));
const CONNECTIONS = 48;

export interface Load extends Omit<LoadOptions, 'connections'> {
  readonly connections?: number;
}

/** @throws Error when a call was answered with an error, or an execution that was waited for did not succeed */
export function putUnderLoad({ connections = CONNECTIONS, ...load }: Load): Promise<LoadMessage> {
  const options: LoadOptions = { ...load, connections };
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM);
    child.send(options);
    child.once('message', (message: LoadMessage) => resolve(message));
    child.once('exit', (code) => reject(new Error(`The load ended with ${code}`)));
  });
}
