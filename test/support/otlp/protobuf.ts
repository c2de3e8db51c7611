/**
 * A reader of protobuf's wire format: fields by number, as they came.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class Message {
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Uint8Array) {
    const buffer = Buffer.from(bytes);
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = buffer.readUInt8(at++);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (at + length > buffer.length) throw new Error(`A field of ${length} bytes, and fewer are left`);
      at += length;
      return buffer.subarray(at - length, at);
    };
    while (at < buffer.length) {
      const tag = Number(varint());
      const type = tag & 7;
      if (type === 0) this.#add(tag >> 3, varint());
      else if (type === 1) this.#add(tag >> 3, take(8).readBigUInt64LE());
      else if (type === 2) this.#add(tag >> 3, take(Number(varint())));
      else if (type === 5) this.#add(tag >> 3, BigInt(take(4).readUInt32LE()));
      else throw new Error(`No such wire type: ${type}`);
    }
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  bytes(field: number): Buffer {
    const value = this.#last(field) ?? Buffer.alloc(0);
    if (typeof value === 'bigint') throw new Error(`Field ${field} is a number`);
    return value;
  }

  text(field: number): string {
    return this.bytes(field).toString('utf8');
  }

  number(field: number): bigint {
    const value = this.#last(field) ?? 0n;
    if (typeof value !== 'bigint') throw new Error(`Field ${field} is no number`);
    return value;
  }

  message(field: number): Message {
    return new Message(this.bytes(field));
  }

  messages(field: number): Message[] {
    return (this.#fields.get(field) ?? []).map((bytes) => new Message(bytes as Buffer));
  }

  #last(field: number): bigint | Buffer | undefined {
    return this.#fields.get(field)?.at(-1);
  }

  #add(field: number, value: bigint | Buffer): void {
    this.#fields.set(field, [...(this.#fields.get(field) ?? []), value]);
  }
}
