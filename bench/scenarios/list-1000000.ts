/** ListExecutions of a state machine with a million executions: pages of a thousand, and of those of a rare status. */
import type { Input } from '../../cli/client.ts';
import { millionExecutions } from '../million-executions.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

/** So deep a page token goes. */
const PAGES = 50;
const PAGE_SIZE = 1000;
/** What a program asks for that names no size. */
const DEFAULT_SIZE = 100;

/**
 * Metrics, in ms: a first page of the default size without a filter and with one for a rare status, a page of a thousand,
 * and such a page that is fifty deep.
 */
export const list1000000: Scenario = {
  name: 'list-1000000',
  async run(server, size) {
    const { installation, parkingArn: stateMachineArn } = await millionExecutions(server);
    const { client } = installation;
    const measure = async (input: Partial<Input<'ListExecutions'>>) => {
      const begin = performance.now();
      const page = await client.call('ListExecutions', { stateMachineArn, ...input });
      if (page.executions.length !== input.maxResults) throw new Error('A page is not full');
      return { ms: performance.now() - begin, nextToken: page.nextToken };
    };
    const p50 = async (input: Partial<Input<'ListExecutions'>>): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < size.oneAtATime; i++) times.push((await measure(input)).ms);
      return percentile(times, 50);
    };
    let deep: Awaited<ReturnType<typeof measure>> = await measure({ maxResults: PAGE_SIZE });
    for (let page = 1; page < PAGES && deep.nextToken; page++)
      deep = await measure({ maxResults: PAGE_SIZE, nextToken: deep.nextToken });
    const { nextToken = '' } = deep;
    return {
      pageMsP50: await p50({ maxResults: DEFAULT_SIZE }),
      failedPageMsP50: await p50({ maxResults: DEFAULT_SIZE, statusFilter: 'FAILED' }),
      page1000MsP50: await p50({ maxResults: PAGE_SIZE }),
      deepPage1000MsP50: await p50({ maxResults: PAGE_SIZE, nextToken }),
    };
  },
};
