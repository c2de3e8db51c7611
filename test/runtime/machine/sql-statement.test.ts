import { describe, expect, test } from 'vitest';
import { isStatementAllowed } from '../../../runtime/machine/sql-statement.ts';

describe('a statement is told by its first word', () => {
  test.each([
    'select 1',
    'INSERT INTO a VALUES (1)',
    '  \n\tupdate a set b = 1',
    '-- why\ndelete from a',
    '/* a /* nested */ comment */ with a as (select 1) select * from a',
    '((select 1) union (select 2))',
    '/**/merge into a using b on true when matched then do nothing',
    'table a',
    'values (1)',
    'call a()',
    '-- \r\nselect 1',
    'select(1)',
  ])('taken: %j', (statement) => {
    expect(isStatementAllowed(statement)).toBe(true);
  });

  test.each([
    '',
    '   ',
    '-- select 1',
    '/* select 1',
    '/* a /* */ select 1',
    'commit',
    'COMMIT AND CHAIN',
    '/* select */ rollback',
    '--\nbegin',
    'savepoint a',
    'set role none',
    'reset all',
    'listen statehouse_news',
    'copy a from program $$id$$',
    'declare a cursor with hold for select 1',
    'prepare a as select 1',
    'execute a',
    'do $$ begin commit; end $$',
    'alter role a password $$b$$',
    'lock a',
    'discard all',
    'selection 1',
    '"select" 1',
    '; select 1',
    'select 1\0',
  ])('refused: %j', (statement) => {
    expect(isStatementAllowed(statement)).toBe(false);
  });
});
