/** Load on an API, from a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadMeasured, LoadMessage, LoadOptions } from './http-load.ts';

const PROGRAM = fileURLToPath(new URL('http-load.ts', import.meta.url));
const CONNECTIONS = 48;

/** Under load, until the compiler has nearly done with an API process: what it answers a second grows for as long. */
export const WARM_UP_SECONDS = 8;

export interface Load extends Omit<LoadOptions, 'connections'> {
  readonly connections?: number;
}

/** @throws Error when a call was answered with an error, or an execution that was waited for did not succeed */
export function putUnderLoad({ connections = CONNECTIONS, ...load }: Load): Promise<LoadMeasured> {
  const options: LoadOptions = { ...load, connections };
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM);
    child.send(options);
    child.once('message', (message: LoadMessage) => {
      if ('problem' in message) reject(new Error(message.problem));
      else resolve(message);
    });
    child.once('exit', (code) => reject(new Error(`The load ended with ${code}`)));
  });
}
