export interface CsvRow {
  /** Of its first character, from 1. */
  line: number;
  cells: readonly string[];
}

export interface CsvTable {
  header: readonly string[];
  rows: readonly CsvRow[];
}

/** The one that the header has most of, as the platform sees it. */
function delimiterOf(text: string): string {
  const end = text.indexOf('\n');
  const header = end === -1 ? text : text.slice(0, end);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
}

/** Reads CSV for a look at it (RFC 4180): the platform's own reading decides. Empty lines are left out. */
export function readCsv(text: string, mostRows = Infinity): CsvTable {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const delimiter = delimiterOf(source);
  const rows: CsvRow[] = [];
  let cells = [''];
  let quoted = false;
  let line = 1;
  let begun = 1;

  function endRow() {
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells });
    cells = [''];
    begun = line;
  }
  for (let at = 0; at < source.length && rows.length <= mostRows; ++at) {
    const char = source.charAt(at);
    const last = cells.length - 1;
    const cell = cells[last] ?? '';
    if (char === '\n') ++line;
    if (quoted) {
      if (char !== '"') cells[last] = cell + char;
      else if (source.charAt(at + 1) === '"') {
        cells[last] = `${cell}"`;
        ++at;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) cells.push('');
    else if (char === '\n') endRow();
    else if (char !== '\r' || source.charAt(at + 1) !== '\n') cells[last] = cell + char;
  }
  endRow();
  return { header: rows[0]?.cells ?? [], rows: rows.slice(1) };
}
