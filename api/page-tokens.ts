import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import { awsError } from './errors.ts';
import type { OperationName } from './model/shapes.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** The arguments of a paged operation. */
export interface PagedInput {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

/** Says where a page begins; positions are JSON values that only their operation understands. */
export interface PageTokens {
  /** The token for the page that begins at `position`. */
  issue(operation: OperationName, input: PagedInput, position: unknown): Promise<string>;
  /**
   * The position in the request's token; undefined when it asks for the first page.
   * @throws AwsError InvalidToken: not ours, expired, or issued for other arguments
   */
  read(operation: OperationName, input: PagedInput): Promise<unknown>;
}

/**
 * Tokens are `<base64url of [expiry, position]>.<HMAC>`: opaque, and bound to the operation and its other arguments.
 * @param place whose tokens: another's are not taken
 * @param secret the same in every process, so that any of them can continue what another began
 */
export function createPageTokens(
  place: ArnPlace,
  secret: () => Promise<string>,
  now: () => number,
): PageTokens {
  const seal = async (operation: OperationName, input: PagedInput, content: string): Promise<Buffer> => {
    const { nextToken: _, maxResults: __, ...bound } = input;
    return createHmac('sha256', await secret())
      .update(JSON.stringify([place, operation, bound, content]))
      .digest();
  };
  return {
    async issue(operation, input, position) {
      const content = Buffer.from(JSON.stringify([now() + LIFETIME_MS, position])).toString('base64url');
      return `${content}.${(await seal(operation, input, content)).toString('base64url')}`;
    },
    async read(operation, input) {
      if (input.nextToken === undefined) return undefined;
      const [content = '', mac = ''] = input.nextToken.split('.');
      const expected = await seal(operation, input, content);
      const given = Buffer.from(mac, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw awsError('InvalidToken');
      const [expiry, position] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [
        number,
        unknown,
      ];
      if (now() > expiry) throw awsError('InvalidToken');
      return position;
    },
  };
}
