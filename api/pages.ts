import type { OperationName } from './model/shapes.ts';
import type { PagedInput, PageTokens } from './page-tokens.ts';

const DEFAULT_PAGE_SIZE = 100;

/** `maxResults`: absent or 0 means 100. */
export function pageSize(maxResults: number | undefined): number {
  return maxResults || DEFAULT_PAGE_SIZE;
}

interface Paged<Item, Position> {
  readonly operation: OperationName;
  readonly input: PagedInput;
  readonly pageTokens: PageTokens;
  /** Reads so many items after a position; undefined: from the beginning. */
  readonly read: (limit: number, after: Position | undefined) => Promise<readonly Item[]>;
  /** Where the page after an item begins: a JSON value. */
  readonly positionOf: (last: Item) => Position;
}

/** @throws AwsError InvalidToken */
export async function readPage<Item, Position>(
  paged: Paged<Item, Position>,
): Promise<{ items: readonly Item[]; nextToken: string | undefined }> {
  const { operation, input, pageTokens } = paged;
  const limit = pageSize(input.maxResults);
  const after = (await pageTokens.read(operation, input)) as Position | undefined;
  // One more than fits tells whether there is a next page.
  const found = await paged.read(limit + 1, after);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const nextToken =
    last !== undefined && found.length > limit
      ? await pageTokens.issue(operation, input, paged.positionOf(last))
      : undefined;
  return { items, nextToken };
}
