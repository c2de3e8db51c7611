/** The package as users get it: packed, unpacked where npm would put it, and run. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from '../support/source-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DEPENDENCIES = Object.keys({ ...packageJson.dependencies, ...packageJson.optionalDependencies });

/** Packs a copy, since packing makes a dist/ that the program in the checkout would run. */
function pack(folder: string): string {
  const checkout = join(folder, 'checkout');
  const links = new Set(['node_modules', '.git', '.statehouse', 'dist'].map((name) => join(ROOT, name)));
  cpSync(ROOT, checkout, { recursive: true, filter: (path) => !links.has(path) });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: checkout, stdio: 'pipe' });
  return join(folder, `${packageJson.name}-${packageJson.version}.tgz`);
}

/** What `npm install <tarball>` does, with the dependencies that are here already instead of the registry's. */
function install(tarball: string, folder: string): string {
  const modules = join(folder, 'node_modules');
  const installed = join(modules, packageJson.name);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of DEPENDENCIES) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return installed;
}

test('the published package runs: Postgres, migrations, functions in threads, the demo to its end, AWS models', () => {
  using folder = temporaryFolder();
  const installed = install(pack(folder.path), folder.path);

  const program = join(installed, 'bin/statehouse.js');
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [program, ...args], { cwd: folder.path, encoding: 'utf8' });
  expect(run('--version').trim()).toBe(packageJson.version);
  expect(run('demo').match(/^\s*SUCCEEDED arn:/gm)).toHaveLength(2);

  const runModule = (script: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder.path,
      encoding: 'utf8',
    }).trim();
  const library = `import * as runtime from 'statehouse/runtime'; console.log(typeof runtime);`;
  expect(runModule(library)).toBe('object');

  const models = join(installed, 'dist/api/test-state/answer-models');
  expect(readdirSync(models)).toContain('NOTICE.md');
  const lookup = `import { answerModel } from ${JSON.stringify(join(models, 'answer-models.js'))};
    console.log(answerModel('sqs', 'OPTIMIZED').operations.SendMessage);`;
  expect(runModule(lookup)).toBe('SendMessageResult');
});
