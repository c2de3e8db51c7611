/**
 * Takes all that is not of the seed out of this process while a schedule runs: randomness comes from the dice, the wall
 * clock shows virtual time, and real timers and I/O throw, since their order would be nobody's.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { drawMoment } from '../../express/moment.ts';
import { drawBytes } from '../../store/random-bytes.ts';
import type { Dice } from '../chaos/dice.ts';

/** As many as drawBytes gives at a time: what it has kept from before is not used any more. */
const POOLED_BYTES = 8192;

/**
 * @param now ms since 1970
 * @param stacks whether errors tell where they come from: most are those of calls that break, by the dozen
 * @returns opens it again
 */
export function seal(dice: Dice, now: () => number, { stacks }: { stacks: boolean }): () => void {
  let drawn = 0;
  const fill = <Bytes extends NodeJS.ArrayBufferView>(bytes: Bytes): Bytes => {
    drawn++;
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < view.length; i++) view[i] = dice.between(0, 255);
    return bytes;
  };
  const open = [
    replace(crypto, {
      randomBytes: (size: number) => fill(Buffer.alloc(size)),
      randomInt: (max: number) => dice.between(0, max - 1),
      randomUUID: () => uuidFrom(fill(Buffer.alloc(16))),
    }),
    replace(globalThis.crypto, { getRandomValues: fill }),
    replace(Math, { random: () => dice.between(0, 2 ** 30 - 1) / 2 ** 30 }),
    replace(Date, { now }),
    replace(Error, { stackTraceLimit: stacks ? Error.stackTraceLimit : 0 }),
    replace(globalThis, {
      setTimeout: real('setTimeout'),
      setInterval: real('setInterval'),
      setImmediate: real('setImmediate'),
      fetch: real('fetch'),
    }),
  ];
  syncBuiltinESMExports();
  drawBytes(POOLED_BYTES);
  while (drawn < 2) drawMoment(0);
  return () => {
    for (const restore of open) restore();
    syncBuiltinESMExports();
  };
}

function replace(target: object, members: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(members).map(
    (name) => [name, Object.getOwnPropertyDescriptor(target, name)] as const,
  );
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
  };
}

function real(name: string): () => never {
  return () => {
    throw new Error(`${name} is real: a simulation cannot tell when it comes back`);
  };
}

function uuidFrom(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
