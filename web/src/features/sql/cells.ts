/** How a value of a result is shown. */
export interface Cell {
  text: string;
  kind: 'number' | 'text' | 'null';
}

const kNumeric = /^(DOUBLE|FLOAT|DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)\b/;

export const isNumeric = (type: string) => kNumeric.test(type);
export const isTime = (type: string) => type.startsWith('TIMESTAMP');

/** Times are UTC, as the head of their column says: `2026-02-07 11:26:00`. */
export function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return { text: 'NULL', kind: 'null' };
  if (typeof value === 'number') {
    return { text: value.toLocaleString('en-US', { maximumFractionDigits: 6 }), kind: 'number' };
  }
  if (typeof value === 'string') {
    const text = isTime(type) ? value.replace('T', ' ').replace(/Z$/, '') : value;
    return { text, kind: isNumeric(type) ? 'number' : 'text' };
  }
  return { text: JSON.stringify(value), kind: 'text' };
}
