import { Command } from 'commander';
import { migrate } from '../../store/migrate.ts';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig, requireDirectDatabaseUrl } from '../config.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description("bring the database's schema up to this version (needs DATABASE_URL)")
    .action(async () => {
      const config = readConfig();
      await migrate(requireDirectDatabaseUrl(config), { logger: createLogger(config.LOG_LEVEL) });
    });
}
