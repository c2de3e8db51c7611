/** Stands between a store and Postgres and breaks connections at a chosen moment. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

export interface TcpProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /**
   * Of the next call whose text contains `marker` the answer is swallowed and the connection broken. Postgres sends the answer
   * to an autocommitted call after its COMMIT, so the call has had its effect. Resolves when that has happened.
   */
  swallowAnswerTo(marker: string): Promise<void>;
  /** As {@link swallowAnswerTo}, but nobody is told: the connection stays open, and silent. */
  silenceAnswerTo(marker: string): Promise<void>;
  /** The next call whose text contains `marker` is kept back. Resolves when it has come. */
  keepBack(marker: string): Promise<KeptCall>;
  /** New connections are refused with this SQLSTATE, as Postgres refuses them; undefined: they are let through. */
  refuse(sqlstate: string | undefined): void;
  /** From now on to another server; connections to the one before are cut. */
  leadTo(databaseUrl: string): void;
  close(): Promise<void>;
}

export interface KeptCall {
  /** For who made it, the connection breaks. */
  breakOff(): void;
  /** Lets it through after all. Resolves when Postgres has answered it. */
  serve(): Promise<void>;
  /** As {@link serve}, but it was only late: who made it gets the answer. */
  letGo(): Promise<void>;
}

export async function tcpProxy(databaseUrl: string): Promise<TcpProxy> {
  let target = addressOf(databaseUrl);
  const sockets = new Set<Socket>();
  let trap: { marker: string; then: 'break' | 'be silent'; sprung: () => void } | undefined;
  let snare: { marker: string; sprung: (kept: KeptCall) => void } | undefined;
  let refusal: string | undefined;

  const server = createServer((client) => {
    if (refusal !== undefined) {
      client.on('error', () => {}).resume();
      client.end(refusing(refusal));
      return;
    }
    const upstream = connect(target);
    let trapped: typeof trap;
    let isKept = false;
    const destroy = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', destroy);
      socket.on('close', () => {
        sockets.delete(socket);
        if (!isKept) destroy();
      });
    }
    client.on('data', (data) => {
      if (snare && data.includes(snare.marker)) {
        isKept = true;
        const answered = async (): Promise<void> => {
          upstream.write(data);
          await once(upstream, 'data');
        };
        snare.sprung({
          breakOff: () => client.destroy(),
          serve: async () => {
            await answered();
            upstream.destroy();
          },
          letGo: async () => {
            isKept = false;
            await answered();
          },
        });
        snare = undefined;
        return;
      }
      if (trap && data.includes(trap.marker)) {
        trapped = trap;
        trap = undefined;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!trapped) {
        client.write(data);
        return;
      }
      if (trapped.then === 'break') destroy();
      trapped.sprung();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const springOn = (marker: string, then: 'break' | 'be silent') =>
    new Promise<void>((resolve) => {
      trap = { marker, then, sprung: resolve };
    });
  const keepBack = (marker: string) =>
    new Promise<KeptCall>((resolve) => {
      snare = { marker, sprung: resolve };
    });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.searchParams.delete('host');
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    swallowAnswerTo: (marker) => springOn(marker, 'break'),
    silenceAnswerTo: (marker) => springOn(marker, 'be silent'),
    keepBack,
    refuse: (sqlstate) => {
      refusal = sqlstate;
    },
    leadTo: (otherUrl) => {
      target = addressOf(otherUrl);
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
function refusing(sqlstate: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0Mrefused by the test\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + length.length);
  return Buffer.concat([Buffer.from('E'), length, fields]);
}

/** A URL's `host` parameter is the folder of the server's Unix socket. */
export function addressOf(databaseUrl: string): NetConnectOpts {
  const url = new URL(databaseUrl);
  const port = Number(url.port || 5432);
  const folder = url.searchParams.get('host');
  return folder === null ? { port, host: url.hostname } : { path: `${folder}/.s.PGSQL.${port}` };
}
