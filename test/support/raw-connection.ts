import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which tests say what no HTTP client would. */
export class RawConnection {
  readonly #socket: Socket;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (data) => {
      this.#received += data;
    });
    // A reset is an end like any other.
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  send(bytes: string | Buffer): this {
    this.#socket.write(bytes);
    return this;
  }

  /** Says that nothing more will come, and reads on. */
  end(): this {
    this.#socket.end();
    return this;
  }

  /** Reads nothing any more. */
  pause(): this {
    this.#socket.pause();
    return this;
  }

  /** Resets it. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  /** All that was received, once the server has closed the connection. */
  async closed(): Promise<string> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
    return this.#received;
  }

  /** All that was received until then. @throws Error when the connection is closed before */
  async received(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      if (this.#socket.closed) throw new Error(`closed before ${pattern}: ${this.#received}`);
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')]);
    }
    return this.#received;
  }
}

/** The bytes of a request to an operation. */
export function rawRequest(operation: string, body: string, headers: readonly string[] = []): string {
  return [
    'POST / HTTP/1.1',
    'host: statehouse',
    'content-type: application/x-amz-json-1.0',
    `x-amz-target: AWSStepFunctions.${operation}`,
    ...(headers.length > 0 ? headers : [`content-length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n');
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** The answers that were received. @throws Error when the last one is not whole, or they are none */
export function parseAnswers(received: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = received; rest !== ''; ) {
    const [head = '', ...after] = rest.split('\r\n\r\n');
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const following = after.join('\r\n\r\n');
    const length = status === '100' ? 0 : Number(headers['content-length']);
    if (status === undefined || !(length <= following.length)) throw new Error(`no whole answer: ${rest}`);
    if (status !== '100') answers.push({ status: Number(status), headers, body: following.slice(0, length) });
    rest = following.slice(length);
  }
  return answers;
}
