/** Load on an API, from a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadMessage } from './http-load.ts';

const PROGRAM = fileURLToPath(new URL('http-load.ts', import.meta.url));
const CONNECTIONS = 48;

export interface Load {
  readonly endpoint: string;
  readonly operation: string;
  readonly input: object;
  readonly seconds: number;
}

/** @throws Error when a call was answered with an error */
export function putUnderLoad({ endpoint, operation, input, seconds }: Load): Promise<LoadMessage> {
  const args = [endpoint, operation, JSON.stringify(input), String(CONNECTIONS), String(seconds)];
  return new Promise((resolve, reject) => {
    const load = fork(PROGRAM, args);
    load.once('message', (message: LoadMessage) => resolve(message));
    load.once('exit', (code) => reject(new Error(`The load ended with ${code}`)));
  });
}
