import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    // Files start and kill processes: each gets a process of its own to do that from.
    pool: 'forks',
    // Most of them wait for servers and processes: one core need not be kept free for anybody.
    maxWorkers: '100%',
    // Real servers and processes start in tests and hooks; on a small or busy machine that takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
