/** How many requests a process works on at once, and how much their bodies hold. */
import { awsError } from './errors.ts';

/** A request's place among those that are worked on. */
export interface RequestSlot {
  /** Gives the place back for good. */
  free(): void;
  /** Lets another request have the place while this one only waits for news; until {@link takeBack}. */
  lend(): void;
  /** What is left then is to answer, which is not refused any more: there may be more than the bound for a moment. */
  takeBack(): void;
}

/** Beyond its bounds requests are refused before their bodies are read, so that they cannot use up the memory. */
export class RequestSlots {
  readonly #max: number;
  readonly #bytesMax: number;
  #taken = 0;
  #bytes = 0;

  /** @param bytesMax of the bodies together; one alone may be larger */
  constructor(max: number, bytesMax: number) {
    this.#max = max;
    this.#bytesMax = bytesMax;
  }

  /**
   * ThrottlingException rather than ServiceUnavailable: AWS clients repeat both, but pause longer for this one, and
   * no load balancer takes the process for ill.
   * @param bytes of the body
   * @throws AwsError ThrottlingException when all are taken, or the body is too much
   */
  take(bytes: number): RequestSlot {
    if (this.#taken >= this.#max)
      throw awsError('ThrottlingException', `${this.#max} requests are being worked on`);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax)
      throw awsError('ThrottlingException', 'the requests that are being worked on hold too much');
    this.#taken++;
    this.#bytes += bytes;
    let isTaken = true;
    return {
      free: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#taken--;
        this.#bytes -= bytes;
      },
      lend: () => {
        this.#taken--;
      },
      takeBack: () => {
        this.#taken++;
      },
    };
  }
}
