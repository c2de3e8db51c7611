import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, HistoryEvent } from './client.ts';

const POLL_MS = 100;
export const EXECUTION_END = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/**
 * The events of an execution from the first on, each as it appears; ends with the execution. An end that was redriven
 * by the time it is read is none.
 */
export async function* followExecution(client: Client, executionArn: string): AsyncGenerator<HistoryEvent> {
  for (let last: HistoryEvent | undefined; ; await sleep(POLL_MS)) {
    for (const event of await eventsAfter(client, executionArn, last?.id ?? 0)) {
      yield event;
      last = event;
    }
    if (last !== undefined && EXECUTION_END.test(last.type)) return;
  }
}

/** Reads backwards from the newest event, so that following a long history does not read it over and over. */
async function eventsAfter(client: Client, executionArn: string, last: number): Promise<HistoryEvent[]> {
  const news: HistoryEvent[] = [];
  for await (const page of client.pages('GetExecutionHistory', {
    executionArn,
    reverseOrder: true,
    maxResults: 1000,
  })) {
    const unseen = page.events.filter((event) => event.id > last);
    news.push(...unseen);
    if (unseen.length < page.events.length) break;
  }
  return news.reverse();
}
