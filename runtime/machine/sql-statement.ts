/** What SQL a definition may have run: one statement that reads or changes rows, or calls a procedure. */

const KINDS: ReadonlySet<string> = new Set([
  'CALL',
  'DELETE',
  'INSERT',
  'MERGE',
  'SELECT',
  'TABLE',
  'UPDATE',
  'VALUES',
  'WITH',
]);

/**
 * Whether a statement may be run. Its first word tells, and everything else is left to Postgres, which takes a single
 * statement: so transactions cannot be ended (COMMIT), nor sessions changed (SET, LISTEN, DECLARE, PREPARE).
 */
export function isStatementAllowed(statement: string): boolean {
  if (statement.includes('\0')) return false; // it would end what Postgres reads of it
  const word = /^[A-Za-z]+(?![\w$\u0080-\uffff])/.exec(statement.slice(firstWord(statement)))?.[0] ?? '';
  return KINDS.has(word.toUpperCase());
}

export const STATEMENT_REFUSED = `The value of the field 'Statement' must begin with one of ${[...KINDS].join(', ')}`;

/** Past white space, comments and opening parentheses. */
function firstWord(statement: string): number {
  let at = 0;
  for (;;) {
    const start = at;
    while (/[\s(]/.test(statement.charAt(at))) at++;
    if (statement.startsWith('--', at)) at = endOfLine(statement, at);
    else if (statement.startsWith('/*', at)) at = endOfComment(statement, at);
    if (at === start) return at;
  }
}

function endOfLine(statement: string, at: number): number {
  const end = /[\r\n]/.exec(statement.slice(at));
  return end === null ? statement.length : at + end.index;
}

/** Comments may stand in one another. */
function endOfComment(statement: string, at: number): number {
  let depth = 0;
  for (let i = at; i < statement.length; i++) {
    if (statement.startsWith('/*', i)) depth++;
    else if (statement.startsWith('*/', i)) depth--;
    else continue;
    i++;
    if (depth === 0) return i + 1;
  }
  return statement.length;
}
