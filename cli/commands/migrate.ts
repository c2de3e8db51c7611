import { Command } from 'commander';
import { migrate } from '../../store/migrate.ts';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig, requireDatabaseUrl } from '../config.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description("bring the database's schema up to this version (needs DATABASE_URL)")
    .action(async () => {
      const config = readConfig();
      await migrate(requireDatabaseUrl(config), createLogger(config.LOG_LEVEL));
    });
}
