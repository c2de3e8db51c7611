/** 100,000 executions that wait, parked, and are all due in the same minute: how late they go on. */
import { putUnderLoad } from '../load.ts';
import { newMachine } from '../machine.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { percentile } from '../statistics.ts';
import { drained } from '../worker-process.ts';

/** Metrics: firedPerSecond, and how late in latenessMsP50, latenessMsP99 and latenessMsMax. */
export const waitStorm: Scenario = { name: 'wait-storm', runsMax: 2, run };

const TIMERS_PER_SECOND = 100_000 / 60;
/** As slow as a machine may be at starting and parking them, before the first is due. */
const PARKED_PER_SECOND = 1000;
/** Parked are only those whose deadline is further away than this. */
const HOT_SECONDS = 5;

/** Each draws a second of the span, for Wait knows no parts of one; its output is by how many ms it went on too late. */
const DEFINITION = {
  QueryLanguage: 'JSONata',
  StartAt: 'Draw',
  States: {
    Draw: {
      Type: 'Pass',
      Assign: { due: '{% ($states.input.from + $floor($random() * $states.input.seconds)) * 1000 %}' },
      Next: 'Wait',
    },
    Wait: { Type: 'Wait', Timestamp: '{% $fromMillis($due) %}', Next: 'Measure' },
    Measure: { Type: 'Pass', Output: '{% $millis() - $due %}', End: true },
  },
};

async function run(server: BenchServer, { timers }: Size): Promise<Measured> {
  const api = await server.api();
  const workers = await server.workers(1, 'no-op');
  await server.clear();
  const stateMachineArn = await newMachine(server, 'wait-storm', DEFINITION);
  const seconds = Math.ceil(timers / TIMERS_PER_SECOND);
  const from = Math.ceil(Date.now() / 1000 + 2 * HOT_SECONDS + timers / PARKED_PER_SECOND);
  for (const worker of workers) await worker.start();
  await putUnderLoad({
    endpoint: api.url,
    operation: 'StartExecution',
    input: { stateMachineArn, input: JSON.stringify({ from, seconds }) },
    calls: timers,
  });
  if (Date.now() / 1000 > from - HOT_SECONDS)
    throw new Error('They were not started before the first was due');
  await drained(workers, timers);
  const secondsToTheEnd = Date.now() / 1000 - from;
  for (const worker of workers) await worker.stop();
  const latenessMs = (await server.outputs()).map(Number);
  return {
    firedPerSecond: timers / secondsToTheEnd,
    latenessMsP50: percentile(latenessMs, 50),
    latenessMsP99: percentile(latenessMs, 99),
    latenessMsMax: percentile(latenessMs, 100),
  };
}
