import { javaRandom } from '../java-random.ts';
import { int32 } from './arguments.ts';
import { invalidArguments } from './fault.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

export const mathFunctions = {
  MathAdd: {
    arguments: [2, 2],
    // Math.round of JavaScript and of Java agree: halves go up.
    apply: ([a, b]) => int32(int32(a, Math.round) + int32(b, Math.round), Math.trunc),
  },
  MathRandom: {
    arguments: [2, 3],
    apply: ([first, last, seed], { random }) => {
      const start = int32(first, Math.trunc);
      const size = int32(last, Math.trunc) - start;
      if (size <= 0) throw invalidArguments();
      if (seed === undefined) return start + Math.floor(random.next() * size);
      const generator = javaRandom(int32(seed, Math.trunc));
      return start + (size < 2 ** 31 ? generator.nextInt(size) : Math.floor(generator.nextDouble() * size));
    },
  },
} satisfies Record<string, IntrinsicFunction>;
