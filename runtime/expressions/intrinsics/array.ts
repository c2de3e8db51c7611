import { type Json, jsonEquals, jsonKey } from '../../data/json.ts';
import { array, truncated } from './arguments.ts';
import { invalidArguments } from './fault.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

/** Most elements that States.ArrayRange makes. */
const RANGE_MAX = 1000;

export const arrayFunctions = {
  Array: { arguments: [0, Number.POSITIVE_INFINITY], apply: (items) => items },
  ArrayContains: {
    arguments: [2, 2],
    apply: ([items, wanted]) => array(items).some((item) => jsonEquals(item, wanted as Json)),
  },
  ArrayGetItem: {
    arguments: [2, 2],
    apply: ([items, position]) => {
      const list = array(items);
      const index = truncated(position);
      if (list.length === 0) return null;
      const item = index >= 0 ? list[index] : undefined;
      if (item === undefined) throw invalidArguments();
      return item;
    },
  },
  ArrayLength: { arguments: [1, 1], apply: ([items]) => array(items).length },
  ArrayPartition: {
    arguments: [2, 2],
    apply: ([items, size]) => {
      const list = array(items);
      const chunk = truncated(size);
      if (chunk < 1) throw invalidArguments();
      return Array.from({ length: Math.ceil(list.length / chunk) }, (_, i) =>
        list.slice(i * chunk, (i + 1) * chunk),
      );
    },
  },
  ArrayRange: {
    arguments: [3, 3],
    apply: (bounds) => {
      const [first, last, step] = bounds.map(truncated) as [number, number, number];
      if (step === 0) throw invalidArguments();
      const length = Math.max(0, Math.floor((last - first) / step) + 1);
      if (length > RANGE_MAX) throw invalidArguments();
      return Array.from({ length }, (_, i) => first + i * step);
    },
  },
  ArrayUnique: {
    arguments: [1, 1],
    apply: ([items]) => {
      const unique = new Map<string, Json>();
      for (const item of array(items)) {
        const key = jsonKey(item);
        if (!unique.has(key)) unique.set(key, item);
      }
      return [...unique.values()];
    },
  },
} satisfies Record<string, IntrinsicFunction>;
