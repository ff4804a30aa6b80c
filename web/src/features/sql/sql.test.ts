import { beforeEach, describe, expect, it } from 'vitest';
import { cellOf, isNumeric } from './cells';
import { errorPosition } from './error-position';
import { forget, readHistory, remember } from './history';

describe('history', () => {
  beforeEach(() => {
    localStorage.clear();
  });

  it('keeps each statement once, newest first', () => {
    remember('SELECT 1');
    remember(' SELECT 2 ');
    expect(remember('SELECT 1')).toEqual(['SELECT 1', 'SELECT 2']);
    expect(readHistory()).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it('is bounded, and leaves out what is empty or very long', () => {
    for (let index = 0; index < 40; index += 1) remember(`SELECT ${index}`);
    remember('');
    remember('x'.repeat(20_000));
    expect(readHistory()).toHaveLength(30);
    expect(readHistory()[0]).toBe('SELECT 39');
  });

  it('survives whatever is in the storage', () => {
    localStorage.setItem('energy-sql-history', '{"a":');
    expect(readHistory()).toEqual([]);
    localStorage.setItem('energy-sql-history', '[1,"SELECT 1",null]');
    expect(readHistory()).toEqual(['SELECT 1']);
    forget();
    expect(readHistory()).toEqual([]);
  });
});

describe('errorPosition', () => {
  const sql = 'SELECT *\nFROM nope';

  it('finds the place in the statement', () => {
    expect(errorPosition('line 2, column 6: Table nope does not exist', sql)).toEqual({
      ...{ line: 2, column: 6, offset: 14, text: 'FROM nope' },
    });
    expect(sql.slice(14)).toBe('nope');
  });

  it('stays within the statement, and tells nothing without a place', () => {
    expect(errorPosition('line 1, column 99: x', sql)?.offset).toBe(8);
    expect(errorPosition('line 7, column 1: x', sql)).toBeNull();
    expect(errorPosition('the query took longer than 10 s', sql)).toBeNull();
  });
});

describe('cellOf', () => {
  it.each([
    [1234.5678912, 'DOUBLE', '1,234.567891', 'number'],
    ['123456789012345678901', 'HUGEINT', '123456789012345678901', 'number'],
    ['2026-02-07T11:26:00.5Z', 'TIMESTAMP WITH TIME ZONE', '2026-02-07 11:26:00.5', 'text'],
    ['T1Z', 'VARCHAR', 'T1Z', 'text'],
    [true, 'BOOLEAN', 'true', 'text'],
    [[1, 2], 'INTEGER[]', '[1,2]', 'text'],
    [null, 'DOUBLE', 'NULL', 'null'],
  ])('shows %s of %s as %s', (value, type, text, kind) => {
    expect(cellOf(value, type)).toEqual({ text, kind });
  });

  it('knows the types that are numbers', () => {
    expect(['BIGINT', 'DECIMAL(18,3)', 'UINTEGER'].every(isNumeric)).toBe(true);
    expect(['VARCHAR', 'INTERVAL', 'DATE'].some(isNumeric)).toBe(false);
  });
});
