/** How many requests a process works on at once. */
import { awsError } from './errors.ts';

/** A request's place among those that are worked on. */
export interface RequestSlot {
  /** Gives the place back for good. */
  free(): void;
  /** Lets another request have the place while this one only waits for news. */
  whileWaiting<Result>(wait: () => Promise<Result>): Promise<Result>;
}

/** Beyond its bound requests are refused before their bodies are read, so that they cannot use up the memory. */
export class RequestSlots {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * ThrottlingException rather than ServiceUnavailable: AWS clients repeat both, but pause longer for this one, and
   * no load balancer takes the process for ill.
   * @throws AwsError ThrottlingException when all are taken
   */
  take(): RequestSlot {
    if (this.#taken >= this.#max)
      throw awsError('ThrottlingException', `${this.#max} requests are being worked on`);
    this.#taken++;
    let isTaken = true;
    return {
      free: () => {
        if (isTaken) this.#taken--;
        isTaken = false;
      },
      whileWaiting: async (wait) => {
        this.#taken--;
        try {
          return await wait();
        } finally {
          // What is left is to answer: that is not refused any more.
          this.#taken++;
        }
      },
    };
  }
}
