import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace';

/** Names spans as it is told, and others at random: the SDK asks when a span starts. */
export class GivenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #traceId: string | undefined;
  #spanId: string | undefined;

  /** The ids of the one span that `start` starts, which must not wait for anything. */
  give<T>(ids: { readonly traceId: string; readonly spanId: string }, start: () => T): T {
    this.#traceId = ids.traceId;
    this.#spanId = ids.spanId;
    try {
      return start();
    } finally {
      this.#traceId = undefined;
      this.#spanId = undefined;
    }
  }

  generateTraceId(): string {
    return this.#traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#spanId ?? this.#random.generateSpanId();
  }
}
