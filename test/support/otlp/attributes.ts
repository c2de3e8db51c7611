import type { Message } from './protobuf.ts';

export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value } | null;
export type Attributes = Readonly<Record<string, Value>>;

/** `repeated KeyValue`, of opentelemetry/proto/common/v1/common.proto. */
export function attributesOf(message: Message, field: number): Attributes {
  return Object.fromEntries(
    message.messages(field).map((pair) => [pair.text(1), anyValueOf(pair.message(2))]),
  );
}

/** An `AnyValue`. */
export function anyValueOf(any: Message): Value {
  if (any.has(1)) return any.text(1);
  if (any.has(2)) return any.number(2) === 1n;
  if (any.has(3)) return Number(BigInt.asIntN(64, any.number(3)));
  if (any.has(4)) return doubleOf(any.number(4));
  if (any.has(5)) return any.message(5).messages(1).map(anyValueOf);
  if (any.has(6)) return attributesOf(any.message(6), 1);
  return null;
}

/** A double, of its bits. */
export function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}
