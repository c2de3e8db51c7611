/** The plans that Postgres has carried out, also within functions, as its module auto_explain tells them. */
import pg from 'pg';
import { vi } from 'vitest';

/** A node of a plan, with what became of it. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Sort Space Type'?: 'Memory' | 'Disk';
  readonly Plans?: readonly PlanNode[];
}

export interface Explained {
  readonly query: string;
  readonly nodes: readonly PlanNode[];
}

/** For the `options` of a database's URL. It takes a superuser. */
const SETTINGS = [
  'session_preload_libraries=auto_explain',
  ...['log_min_duration=0', 'log_nested_statements=on', 'log_analyze=on', 'log_timing=off'].map(prefixed),
  ...['log_format=json', 'log_level=notice'].map(prefixed),
];
const MESSAGE = /^duration: [\d.]+ ms {2}plan:\n/;

/** Watches the connections that are made to {@link PlanWatch.url}. */
export class PlanWatch implements Disposable {
  readonly url: string;
  readonly #explained: Explained[] = [];
  readonly #spy;

  constructor(databaseUrl: string) {
    const url = new URL(databaseUrl);
    url.searchParams.set('options', SETTINGS.map((setting) => `-c ${setting}`).join(' '));
    this.url = url.href;
    const take = (message: string | undefined): void => this.#take(message ?? '');
    const connect = pg.Client.prototype.connect as (...args: unknown[]) => unknown;
    this.#spy = vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(function (
      this: pg.Client,
      ...args: unknown[]
    ) {
      this.on('notice', ({ message }) => take(message));
      return connect.apply(this, args);
    } as never);
  }

  /** The plans since it was called last. */
  explained(): readonly Explained[] {
    return this.#explained.splice(0);
  }

  #take(message: string): void {
    if (!MESSAGE.test(message)) return;
    const { 'Query Text': query, Plan } = JSON.parse(message.replace(MESSAGE, '')) as {
      'Query Text': string;
      Plan: PlanNode;
    };
    this.#explained.push({ query, nodes: nodesOf(Plan) });
  }

  [Symbol.dispose](): void {
    this.#spy.mockRestore();
  }
}

function prefixed(setting: string): string {
  return `auto_explain.${setting}`;
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Of its table, those that did not match included, in all its loops. */
export function rowsRead(node: PlanNode): number {
  return ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0);
}
