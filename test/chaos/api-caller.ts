/** Calls the API as clients do, and keeps apart what is known of the outcome from what is not. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What AWS's clients ask again after: the API has too much to do, or was paused while the request came. */
const PASSING = new Set(['ThrottlingException', 'RequestTimeoutException']);

export type Answer =
  | { readonly outcome: 'acknowledged'; readonly output: Readonly<Record<string, unknown>> }
  | { readonly outcome: 'refused'; readonly code: string }
  | { readonly outcome: 'unknown' };

/** A process that is stopped takes connections and never answers. */
const TIMEOUT_MS = 5000;
const RETRY_MS = 250;

export class ApiCaller {
  readonly #urls: readonly string[];
  readonly #closing = new AbortController();
  #calls = 0;

  /** @param urls of the API processes: calls take turns */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** One request. @param patienceMs until the caller hangs up */
  async call(operation: string, input: object, patienceMs = TIMEOUT_MS): Promise<Answer> {
    const url = this.#urls[this.#calls++ % this.#urls.length] ?? '';
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AWSStepFunctions.${operation}`,
        },
        body: JSON.stringify(input),
        signal: AbortSignal.any([AbortSignal.timeout(patienceMs), this.#closing.signal]),
      });
      const output = (await response.json()) as Record<string, unknown>;
      if (response.ok) return { outcome: 'acknowledged', output };
      // It may have been done nevertheless, as after any answer that is lost.
      if (response.status >= 500) return { outcome: 'unknown' };
      return { outcome: 'refused', code: String(output.__type).split('#').pop() ?? '' };
    } catch {
      return { outcome: 'unknown' };
    }
  }

  /** The same request until its outcome is known, or until this is closed. */
  async insist(operation: string, input: object): Promise<Answer> {
    for (;;) {
      const answer = await this.call(operation, input);
      const isPassing = answer.outcome === 'refused' && PASSING.has(answer.code);
      if ((answer.outcome !== 'unknown' && !isPassing) || this.#closing.signal.aborted) return answer;
      await sleep(RETRY_MS);
    }
  }

  /** Requests under way end as unknown, and no more are made. */
  close(): void {
    this.#closing.abort();
  }
}
