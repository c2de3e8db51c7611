/** A program for postgres.test.ts to kill: starts Postgres on a data folder and keeps it. Arguments: folder, umask. */
import { startPostgres } from '../../dev/postgres/postgres.ts';
import { createLogger } from '../../telemetry/log.ts';

const [dataDir = '', umask = '18'] = process.argv.slice(2);
process.umask(Number(umask));
const { url, dataDir: path, pid } = await startPostgres({ dataDir, logger: createLogger('warn') });
process.stdout.write(`${JSON.stringify({ url, dataDir: path, pid })}\n`);
