/** Builds dist/, what the published package and the image run: compiled TypeScript, and the files that it reads. */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}/dist`;

rmSync(dist, { recursive: true, force: true });
const compiler = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiler.error) throw compiler.error;
for (const folder of ['migrations', 'examples', 'api/test-state/answer-models']) {
  cpSync(`${root}/${folder}`, `${dist}/${folder}`, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
}
process.exitCode = compiler.status ?? 1;
