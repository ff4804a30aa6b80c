import { describe, expect, it } from 'vitest';
import { readCsv } from './csv';

describe('readCsv', () => {
  it('keeps quoted delimiters, quotes and line breaks, and knows on which line a row begins', () => {
    const { header, rows } = readCsv(
      'id,name\r\nD1,"Lamp, ""big"""\r\n\r\nD2,"two\nlines"\nD3,x\n',
    );
    expect(header).toEqual(['id', 'name']);
    expect(rows).toEqual([
      { line: 2, cells: ['D1', 'Lamp, "big"'] },
      { line: 4, cells: ['D2', 'two\nlines'] },
      { line: 6, cells: ['D3', 'x'] },
    ]);
  });

  it('finds the delimiter in the header and passes over a byte order mark', () => {
    expect(readCsv('\uFEFFid;name\nD1;a,b').rows[0]?.cells).toEqual(['D1', 'a,b']);
    expect(readCsv('\uFEFFid\tname').header).toEqual(['id', 'name']);
  });

  it('stops after the rows that were asked for', () => {
    expect(readCsv('id\na\nb\nc\n', 2).rows.map(({ line }) => line)).toEqual([2, 3]);
    expect(readCsv('').rows).toEqual([]);
  });
});
