import { defineConfig } from 'vitest/config';

/** Their tests leave nothing behind in the process, so files may follow one another in it and share what is loaded. */
const LEAVE_NOTHING = [
  'test/api/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/property/**/*.test.ts',
  'test/runtime/**/*.test.ts',
  'test/store/**/*.test.ts',
  'test/worker/**/*.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    // Files start and kill processes: each gets a process of its own to do that from.
    pool: 'forks',
    // Most of them wait for servers and processes: one core need not be kept free for anybody.
    maxWorkers: '100%',
    // Real servers and processes start in tests and hooks; on a small or busy machine that takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: LEAVE_NOTHING } },
      { extends: true, test: { name: 'together', include: LEAVE_NOTHING, isolate: false } },
    ],
  },
});
