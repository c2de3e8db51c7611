import { Command } from 'commander';
import type { Client, HistoryEvent } from '../client.ts';
import { type ClientOptions, connect, endpointOption, jsonOption } from '../client-options.ts';
import { printJson } from '../terminal.ts';
import { printTimeline } from '../timeline-print.ts';

export function historyCommand(): Command {
  return new Command('history')
    .description("tell an execution's history; --json gives every event as AWS does")
    .argument('<execution-arn>')
    .addOption(endpointOption())
    .addOption(jsonOption())
    .action(async (executionArn: string, options: ClientOptions) => {
      const client = connect(options);
      if (options.json) await printEvents(client, executionArn);
      else await printTimeline(historyOf(client, executionArn));
    });
}

async function printEvents(client: Client, executionArn: string): Promise<void> {
  const events: HistoryEvent[] = [];
  for await (const event of historyOf(client, executionArn)) events.push(event);
  printJson({ events });
}

async function* historyOf(client: Client, executionArn: string): AsyncGenerator<HistoryEvent> {
  for await (const page of client.pages('GetExecutionHistory', { executionArn, maxResults: 1000 })) {
    yield* page.events;
  }
}
