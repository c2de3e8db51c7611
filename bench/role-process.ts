import { RoleProcess } from '../test/support/role-process.ts';

/** A role on a database, which asks nobody who they are, at any free port. @throws Error when it ends before it is ready */
export function startRole(
  role: 'api' | 'worker',
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RoleProcess> {
  const settings = {
    NODE_OPTIONS: process.env.NODE_OPTIONS,
    DATABASE_URL: databaseUrl,
    STATEHOUSE_AUTH: 'none',
    STATEHOUSE_HOST: '127.0.0.1',
    STATEHOUSE_PORT: '0',
    ...env,
  };
  return RoleProcess.start(role, settings, { keepsLog: false });
}
