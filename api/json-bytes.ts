/** The body of an answer. Bytes, because Fastify adds a charset to texts, which AWS's content types do not have. */
export function jsonBytes(answer: unknown): Buffer {
  return Buffer.from(JSON.stringify(answer));
}
