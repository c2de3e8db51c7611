/**
 * A small deterministic random source. The core draws no randomness of its own: the shell hands a seed to
 * each trigger, and everything random in that step follows from it. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** 128 bits drawn by the shell. */
export type Seed = readonly [number, number, number, number];

/** sfc32 (Chris Doty-Humphrey's Small Fast Counter), seeded with 128 bits. */
export function randomFrom(seed: Seed): Random {
  let [a, b, c, d] = seed;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 12; round++) uint32();
  return {
    next: () => (uint32() * 0x200000 + (uint32() >>> 11)) / 2 ** 53,
    uuid: () => {
      const hex = Array.from({ length: 4 }, () => uint32().toString(16).padStart(8, '0')).join('');
      const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
