/** What `statehouse doctor` says of the settings of the process that it runs in. */
import { lookup } from 'node:dns/promises';
import { type Finding, ok, problem, warning } from '../store/doctor/check.ts';
import type { NamedFinding } from '../store/doctor/examine.ts';
import type { Config } from './config.ts';

export async function examineSettings(config: Config, endpoint: string): Promise<NamedFinding[]> {
  return [
    { check: 'authentication', ...authentication(config) },
    { check: 'retention', ...retention(config) },
    { check: 'synchronous calls', ...(await synchronousCalls(endpoint)) },
  ];
}

function authentication({ STATEHOUSE_AUTH: auth, STATEHOUSE_ENCRYPTION_KEY: keys }: Config): Finding {
  if (auth !== 'sigv4')
    return warning(
      'STATEHOUSE_AUTH is not sigv4: whoever reaches the API may do anything',
      'Set STATEHOUSE_AUTH=sigv4 for the API: docs/security.md.',
    );
  return keys.length === 0
    ? problem(
        'STATEHOUSE_AUTH is sigv4, and there is no STATEHOUSE_ENCRYPTION_KEY',
        'Set it to what the API keys were made with: docs/security.md.',
      )
    : ok('requests are signed');
}

function retention({ STATEHOUSE_RETENTION_DAYS: days }: Config): Finding {
  return days === 'forever'
    ? warning(
        'closed executions are kept for ever',
        'Set STATEHOUSE_RETENTION_DAYS if the disk is not endless.',
      )
    : ok(`closed executions are kept for ${days} days`);
}

/** AWS's SDKs put `sync-` before the host. */
async function synchronousCalls(endpoint: string): Promise<Finding> {
  const host = `sync-${URL.parse(endpoint)?.hostname ?? endpoint}`;
  try {
    await lookup(host);
    return ok(`${host} has an address`);
  } catch {
    return warning(
      `${host} has no address: StartSyncExecution and TestState of AWS's SDKs fail`,
      'Give it one, or switch the prefix off: docs/configuration.md, "Synchronous calls".',
    );
  }
}
