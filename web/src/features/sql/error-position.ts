export interface SqlPosition {
  /** From 1. */
  line: number;
  column: number;
  /** In the statement, from 0. */
  offset: number;
  /** The line it is on. */
  text: string;
}

/** Where the server says that a statement is wrong: `line 2, column 8: …`; null when it names no place. */
export function errorPosition(message: string, sql: string): SqlPosition | null {
  const match = /line (\d+), column (\d+)/.exec(message);
  if (!match) return null;
  const line = Number(match[1]);
  const column = Number(match[2]);
  const lines = sql.split('\n');
  const text = lines[line - 1];
  if (text === undefined) return null;
  const before = lines.slice(0, line - 1).reduce((sum, other) => sum + other.length + 1, 0);
  return { line, column, offset: before + Math.min(column - 1, text.length), text };
}
