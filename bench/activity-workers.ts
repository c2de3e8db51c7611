/**
 * `node bench/activity-workers.ts ENDPOINT POLLERS ACTIVITY…`: activity workers in a process of their own, which poll
 * without end, and answer each task with its input. Says over IPC when all of them wait, and when a task has come.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type WorkersMessage =
  | { readonly kind: 'waiting' }
  /** `at` is in ms since 1970. */
  | { readonly kind: 'task'; readonly input: string; readonly at: number };

const [endpoint = '', pollers = '', ...names] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

/** @param sent called when the request is on its way */
function call(operation: string, input: object, sent?: () => void): Promise<Record<string, string>> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${operation}`,
  };
  return new Promise((resolve, reject) => {
    const calling = request(endpoint, { method: 'POST', headers, agent });
    if (sent) calling.once('finish', sent);
    calling.once('error', reject);
    calling.once('response', (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(JSON.parse(body));
        else reject(new Error(`${operation} answered ${response.statusCode}: ${body}`));
      }, reject);
    });
    calling.end(JSON.stringify(input));
  });
}

async function poll(activityArn: string, sent: () => void): Promise<never> {
  for (;;) {
    const { taskToken, input: output } = await call('GetActivityTask', { activityArn }, sent);
    if (taskToken === undefined || output === undefined) continue;
    say({ kind: 'task', input: output, at: performance.timeOrigin + performance.now() });
    await call('SendTaskSuccess', { taskToken, output });
  }
}

function say(message: WorkersMessage): void {
  process.send?.(message);
}

const arns: string[] = [];
for (const name of names) arns.push((await call('CreateActivity', { name })).activityArn ?? '');
let polling = 0;
await Promise.all(
  Array.from({ length: Number(pollers) }, (_, n) =>
    poll(arns[n % arns.length] ?? '', () => {
      if (++polling === Number(pollers)) say({ kind: 'waiting' });
    }),
  ),
);
