/** Says which tests were skipped and why, and ends with one plain line that counts: `12 passed, 0 failed, 1 skipped`. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that cannot be loaded has no tests to fail, and an error outside a test fails the run as well.
    const failedElsewhere = modules.flatMap((module) => module.errors()).length + unhandledErrors.length;

    const lines = tests.filter((test) => test.result().state === 'skipped').map(describeSkipped);
    const failed = count('failed') + failedElsewhere;
    lines.push(`${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function describeSkipped(test: TestCase): string {
  const result = test.result();
  const why = result.state === 'skipped' ? result.note : undefined;
  return `skipped: ${test.module.relativeModuleId} > ${test.fullName}${why === undefined ? '' : ` (${why})`}`;
}
