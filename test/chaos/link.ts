/** The way from one process to Postgres, which breaks when it is told to. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { addressOf } from '../store/tcp-proxy.ts';

/** black hole: nothing passes, and nobody is told. mute: what Postgres answers is lost, what it is asked is not. */
export type LinkState = 'open' | 'black hole' | 'mute';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

export class Link {
  /** The database's URL, by this way. */
  readonly url: string;
  readonly #server: Server;
  /** The two ends of each connection. */
  readonly #pairs: ReadonlySet<Pair>;
  readonly #setState: (state: LinkState) => void;

  private constructor(
    url: string,
    server: Server,
    pairs: ReadonlySet<Pair>,
    setState: (state: LinkState) => void,
  ) {
    this.url = url;
    this.#server = server;
    this.#pairs = pairs;
    this.#setState = setState;
  }

  static async open(databaseUrl: string): Promise<Link> {
    const target = addressOf(databaseUrl);
    const pairs = new Set<Pair>();
    let state: LinkState = 'open';
    const server = createServer((client) => {
      const upstream = connect(target);
      const pair = { client, upstream };
      pairs.add(pair);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        socket.on('error', () => {}); // `close` follows
        socket.on('close', () => {
          // In a black hole the other side does not hear of it.
          if (state === 'open') other.destroy();
          if (other.destroyed) pairs.delete(pair);
        });
      }
      client.on('data', (data) => {
        if (state !== 'black hole') upstream.write(data);
      });
      upstream.on('data', (data) => {
        if (state === 'open') client.write(data);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.searchParams.delete('host');
    url.port = String((server.address() as AddressInfo).port);
    return new Link(url.href, server, pairs, (next) => {
      state = next;
    });
  }

  /** Ends all connections. */
  cut(): void {
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  break(state: Exclude<LinkState, 'open'>): void {
    this.#setState(state);
  }

  /** Connections that have lost something are cut: their streams have holes. */
  heal(): void {
    this.#setState('open');
    this.cut();
  }

  async close(): Promise<void> {
    this.heal();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
