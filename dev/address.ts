/** Where the development server may listen, and what it must not call. */

/** Hosts that only this machine reaches. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * A server that takes any request for good listens to this machine only.
 * @throws Error for any other host
 */
export function refuseForeignHost(host: string): void {
  if (LOOPBACK.test(host)) return;
  throw new Error(
    `Without STATEHOUSE_AUTH=sigv4 the development server checks no signatures, so it listens on this machine only (127.0.0.1, localhost or ::1), not on ${host}.`,
  );
}

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * An endpoint variable that is meant for the clients of this server (AWS_ENDPOINT_URL exported in the shell) would
 * make its own Lambda tasks call back into it.
 * @throws Error naming the variable
 */
export function refuseOwnAddress(own: ServerAddress, env: NodeJS.ProcessEnv): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (!/^AWS_ENDPOINT_URL(_\w+)?$/.test(name) || name === 'AWS_ENDPOINT_URL_SFN') continue;
    if (!leadsTo(own, value)) continue;
    throw new Error(
      `${name}: ${value} is this server's own address, tasks would call back into it. Its clients take AWS_ENDPOINT_URL_SFN instead.`,
    );
  }
}

function leadsTo(own: ServerAddress, value: string): boolean {
  const url = URL.parse(value);
  if (url === null || Number(url.port || (url.protocol === 'https:' ? 443 : 80)) !== own.port) return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return host === own.host || LOOPBACK.test(host);
}
