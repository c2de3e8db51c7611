/** The way from one process to Postgres, which breaks when it is told to. */
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { addressOf } from '../store/tcp-proxy.ts';

/** black hole: nothing passes, and nobody is told. mute: what Postgres answers is lost, what it is asked is not. */
export type LinkState = 'open' | 'black hole' | 'mute';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

interface Way {
  state: LinkState;
  /** Where connections lead from now on. */
  target: NetConnectOpts;
}

export class Link {
  /** The database's URL, by this way. */
  readonly url: string;
  readonly #server: Server;
  /** The two ends of each connection. */
  readonly #pairs: ReadonlySet<Pair>;
  readonly #way: Way;

  private constructor(url: string, server: Server, pairs: ReadonlySet<Pair>, way: Way) {
    this.url = url;
    this.#server = server;
    this.#pairs = pairs;
    this.#way = way;
  }

  static async open(databaseUrl: string): Promise<Link> {
    const pairs = new Set<Pair>();
    const way: Way = { state: 'open', target: addressOf(databaseUrl) };
    const server = createServer((client) => {
      const upstream = connect(way.target);
      const pair = { client, upstream };
      pairs.add(pair);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        socket.on('error', () => {}); // `close` follows
        socket.on('close', () => {
          // In a black hole the other side does not hear of it.
          if (way.state === 'open') other.destroy();
          if (other.destroyed) pairs.delete(pair);
        });
      }
      client.on('data', (data) => {
        if (way.state !== 'black hole') upstream.write(data);
      });
      upstream.on('data', (data) => {
        if (way.state === 'open') client.write(data);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.searchParams.delete('host');
    url.port = String((server.address() as AddressInfo).port);
    return new Link(url.href, server, pairs, way);
  }

  /** Ends all connections. */
  cut(): void {
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  break(state: Exclude<LinkState, 'open'>): void {
    this.#way.state = state;
  }

  /** Connections that have lost something are cut: their streams have holes. */
  heal(): void {
    this.#way.state = 'open';
    this.cut();
  }

  /** To another server, from now on. */
  leadTo(databaseUrl: string): void {
    this.#way.target = addressOf(databaseUrl);
    this.cut();
  }

  async close(): Promise<void> {
    this.heal();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
