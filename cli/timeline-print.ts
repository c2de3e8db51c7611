import type { HistoryEvent } from './client.ts';
import { abbreviate, type Colour, paint, print } from './terminal.ts';
import { Timeline, type TimelineEntry } from './timeline.ts';

const COLOURS: Record<TimelineEntry['tone'], Colour> = {
  plain: 'blue',
  good: 'green',
  bad: 'red',
  notable: 'yellow',
};
const STATE_WIDTH = 30;

/**
 * Prints a timeline line by line, as its events come in.
 * @param since seconds since 1970: what happened earlier is not told
 */
export async function printTimeline(events: AsyncIterable<HistoryEvent>, since = 0): Promise<void> {
  const timeline = new Timeline();
  for await (const event of events) {
    const entries = timeline.add(event);
    if (event.timestamp >= since) for (const entry of entries) print(line(entry));
  }
}

function line({ seconds, depth, state, mark, text, tone }: TimelineEntry): string {
  const time = `${seconds.toFixed(2)} s`.padStart(9);
  const indent = '│ '.repeat(depth);
  const name = state.padEnd(Math.max(0, STATE_WIDTH - indent.length));
  const room = (process.stdout.columns ?? 160) - time.length - indent.length - name.length - 8;
  const colour = COLOURS[tone];
  const what = abbreviate(text, Math.max(20, room));
  return `${paint('dim', time)}  ${paint('dim', indent)}${paint('bold', name)}  ${paint(colour, mark)} ${
    tone === 'plain' ? what : paint(colour, what)
  }`;
}
