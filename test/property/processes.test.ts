/**
 * The journal is the state, between processes: every append ends the activation, and another process goes on from
 * journal rows alone, snapshots off. The histories are those of the driver that never lets go.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { type HistoryEvent, type JournalEvent, toHistoryEvent } from '../../runtime/index.ts';
import { answerByAttempt, SCENARIOS } from '../support/handing-over-scenarios.ts';
import { runInMemory, type Tasks } from '../support/in-memory-run.ts';
import { createWorld } from '../worker/world.ts';

const PROGRAM = fileURLToPath(new URL('../support/handing-over-worker.ts', import.meta.url));

class WorkerProcess {
  readonly child: ChildProcess;
  /** Executions that it has appended to. */
  readonly appendedTo = new Set<string>();
  readonly ready: Promise<void>;

  constructor(databaseUrl: string) {
    this.child = spawn(process.execPath, [PROGRAM, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [word, executionId = ''] = line.split(' ');
      if (word === 'ready') ready.resolve();
      else this.appendedTo.add(executionId);
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

let workers: WorkerProcess[] = [];

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});

const tasks: Tasks = ({ input }) => {
  const answer = answerByAttempt(input.text);
  if (answer.kind === 'succeeded') return { output: JSON.parse(answer.output) };
  return { error: answer.failure.error ?? '', ...(answer.failure.cause && { cause: answer.failure.cause }) };
};

test('every append is taken over by another process, and no history tells', async () => {
  const world = await createWorld();
  workers = [new WorkerProcess(world.databaseUrl), new WorkerProcess(world.databaseUrl)];
  await Promise.all(workers.map(({ ready }) => ready));
  const started = await Promise.all(
    Object.entries(SCENARIOS).map(async ([name, scenario]) => ({
      name,
      ...scenario,
      executionId: await world.start(scenario.definition, JSON.parse(scenario.input)),
    })),
  );
  for (const { name, definition, input, executionId } of started) {
    await world.ended(executionId);
    const { journal } = await runInMemory(definition, { input, tasks });
    expect(shown(await world.journal(executionId)), name).toEqual(shown(journal));
  }
  const sharedByBoth = started.filter(({ executionId }) =>
    workers.every(({ appendedTo }) => appendedTo.has(executionId)),
  );
  expect(sharedByBoth.length).toBeGreaterThan(0);
});

/** A history without its times. */
function shown(journal: readonly JournalEvent[]): Omit<HistoryEvent, 'timestamp'>[] {
  return journal.flatMap((event) => {
    const history = toHistoryEvent(event, { includeExecutionData: true });
    if (history === undefined) return [];
    const { timestamp: _, ...rest } = history;
    return rest;
  });
}
