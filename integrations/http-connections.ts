import { Client, type Dispatcher } from 'undici';

/**
 * Idle connections close before the 5 s after which a Node server closes them, and 1 s before the time that a server names
 * itself: a request would race with that.
 */
const IDLE_CONNECTION_MS = 4_000;
const IDLE_CONNECTION_MARGIN_MS = 1_000;

/** Whoever sends sets the time: nothing of a request has a limit of its own. */
const NO_TIMEOUT = 0;

/**
 * Kept-alive HTTP/1.1 connections, one request on each at a time. No request waits for another's connection: as many are
 * open as requests were under way within the last seconds. (A Pool of undici's would do, but looks through all its
 * connections for one that is free, forgets none of them, and goes on connecting for a request that is given up.)
 */
export class HttpConnections {
  /** By origin, the last used at the end; the others grow old and close. */
  readonly #idle = new Map<string, HttpConnection[]>();
  readonly #all = new Set<HttpConnection>();

  /** One that nobody else uses, open or not yet. @param origin such as `https://host:8443` */
  take(origin: string): HttpConnection {
    const idle = this.#idle.get(origin);
    const last = idle?.pop();
    if (idle?.length === 0) this.#idle.delete(origin); // origins may be any number
    if (last !== undefined) return last;
    const connection = new HttpConnection(origin, () => this.#forgetIdle(connection));
    this.#all.add(connection);
    return connection;
  }

  /** For others to use: its request has been answered. */
  giveBack(connection: HttpConnection): void {
    const idle = this.#idle.get(connection.origin);
    if (idle === undefined) this.#idle.set(connection.origin, [connection]);
    else idle.push(connection);
  }

  /** Closes it; a request under way fails. */
  discard(connection: HttpConnection): void {
    if (this.#all.delete(connection)) connection.close();
  }

  /** Requests under way fail. */
  close(): void {
    this.#idle.clear();
    for (const connection of this.#all) this.discard(connection);
  }

  /** It has closed. One that is in use opens again when it has to. */
  #forgetIdle(connection: HttpConnection): void {
    const idle = this.#idle.get(connection.origin) ?? [];
    const index = idle.indexOf(connection); // soon found: the oldest close first
    if (index < 0) return;
    idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(connection.origin);
    this.#all.delete(connection);
  }
}

/** Opens with the first request, and again when it has been closed meanwhile. */
export class HttpConnection {
  readonly origin: string;
  readonly #client: Client;
  readonly #closed = new AbortController();

  constructor(origin: string, onClosed: () => void) {
    this.origin = origin;
    this.#client = new Client(origin, {
      keepAliveTimeout: IDLE_CONNECTION_MS,
      keepAliveMaxTimeout: IDLE_CONNECTION_MS,
      keepAliveTimeoutThreshold: IDLE_CONNECTION_MARGIN_MS,
      headersTimeout: NO_TIMEOUT,
      bodyTimeout: NO_TIMEOUT,
      connect: { timeout: NO_TIMEOUT, signal: this.#closed.signal },
    }).on('disconnect', onClosed);
  }

  /** Sends it once: it is not repeated, and redirects are not followed. @param handler is told of any error */
  send(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler);
  }

  /** At once, also while it is being opened. */
  close(): void {
    void this.#client.destroy();
    this.#closed.abort();
  }
}
