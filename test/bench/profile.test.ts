import { expect, test } from 'vitest';
import { layerOf, moduleOf, selfSeconds } from '../../bench/profile.ts';

test('the time of a profile by module and by layer, the most first, without idle time', () => {
  const ours = new URL('../../worker/engine.ts', import.meta.url).href;
  const frames = [
    ['(idle)', ''],
    ['advance', ours],
    ['fold', ours],
    ['query', 'file:///elsewhere/node_modules/kysely/node_modules/@scope/pg/lib/client.js'],
    ['readFile', 'node:fs'],
    ['(garbage collector)', ''],
    ['toString', ''],
  ];
  const nodes = frames.map(([functionName = '', url = ''], id) => ({ id, callFrame: { functionName, url } }));
  const samples = [0, 1, 2, 3, 4, 5, 6, 1];
  const timeDeltas = [9e6, 1e6, 2e6, 3e6, 1.5e6, 0.5e6, 0.25e6, 1e6];
  const profile = { nodes, samples, timeDeltas };
  expect(selfSeconds(profile, layerOf)).toEqual([
    ['worker/', 4],
    ['@scope/pg', 3],
    ["Node's modules", 1.5],
    ['garbage collection', 0.5],
    ['native: system calls, built-ins', 0.25],
  ]);
  expect(selfSeconds(profile, moduleOf)).toEqual([
    ['worker/engine.ts', 4],
    ['@scope/pg', 3],
    ['node:fs', 1.5],
    ['(garbage collector)', 0.5],
    ['toString', 0.25],
  ]);
});
