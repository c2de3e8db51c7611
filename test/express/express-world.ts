/** What an Express execution reaches in tests: tasks that answer as told, and time that leaps to the next timer. */
import type {
  ExpressOptions,
  ExpressOutcome,
  ExpressStart,
  ExpressWorld,
} from '../../express/express-execution.ts';
import { runExpress } from '../../express/express-execution.ts';
import type { TaskCall, TaskIntegration, TaskResult } from '../../integrations/integration.ts';
import { type JournalEvent, startedEvent } from '../../runtime/index.ts';
import { type ExecutionWatcher, NO_WATCHER } from '../../telemetry/execution-watch.ts';
import { createLogger } from '../../telemetry/log.ts';
import { compile, START_TIME } from '../support/in-memory-run.ts';

export type Answer = (task: TaskCall) => TaskResult | Promise<TaskResult>;

export class LeapingWorld implements ExpressWorld {
  readonly logger = createLogger('silent');
  readonly integrations: ExpressWorld['integrations'];
  watcher: ExecutionWatcher = NO_WATCHER;
  time = START_TIME;

  constructor(answer: Answer | undefined) {
    const integration: TaskIntegration = {
      name: 'test',
      recovery: 'unknown',
      serves: () => true,
      lost: () => ({}),
      invoke: async (task) => (answer as Answer)(task),
      close: async () => {},
    };
    this.integrations = { find: () => (answer === undefined ? undefined : integration) };
  }

  now(): number {
    return this.time;
  }

  /** Whatever is under way comes first: only then does the time leap. */
  after(delayMs: number, run: () => void): () => void {
    const due = this.time + delayMs;
    const leap = setImmediate(() => {
      this.time = Math.max(this.time, due);
      run();
    });
    return () => clearImmediate(leap);
  }

  moment(time: number): { time: number; seed: [number, number, number, number] } {
    return { time, seed: [1, 2, 3, 4] };
  }
}

export interface ExpressRun {
  readonly outcome: ExpressOutcome;
  readonly journal: readonly JournalEvent[];
}

export async function run(
  definition: object,
  {
    input = '{}',
    answer,
    world = new LeapingWorld(answer),
    ...options
  }: { input?: string; answer?: Answer; world?: LeapingWorld } & ExpressOptions = {},
): Promise<ExpressRun> {
  const journal: JournalEvent[] = [];
  world.watcher = { watch: () => ({ record: (events) => void journal.push(...events) }) };
  const outcome = await runExpress(startOf(definition, input), world, options);
  return { outcome, journal };
}

export function startOf(definition: object, input: string, name = 'machine'): ExpressStart {
  const machine = compile(definition);
  const started = startedEvent({
    identity: {
      executionArn: `arn:aws:states:us-east-1:000000000000:express:${name}:run:uuid`,
      executionName: 'run',
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
      stateMachineName: name,
      region: 'us-east-1',
      secret: 'secret',
    },
    roleArn: 'arn:aws:iam::000000000000:role/test',
    input,
    time: START_TIME,
    startAt: machine.startAt,
    timeoutSeconds: machine.timeoutSeconds,
  });
  const logging = { level: 'OFF', includeExecutionData: false, logGroupArns: [] } as const;
  return { revision: { machine, type: 'EXPRESS', logging }, started };
}
