import { Box, TableCell, TableRow, Typography } from '@mui/material';
import { useState } from 'react';
import { Pill } from '@/components/ui/chips';
import { ListTabs } from '@/components/ui/list-tabs';
import { Pager } from '@/components/ui/pager';
import { SortableTable, type Column } from '@/components/ui/sortable-table';
import type { DeviceImport } from '@/lib/api/types';
import type { CsvTable } from '@/lib/csv';

const kPageSize = 25;
/** What the API says to programs; here the choice above the table says it. */
const kForPrograms = '; existing=update or skip';
const kColumns: readonly Column[] = ['Line', 'Device', 'Check'].map((label) => ({ label }));

export interface ImportLine {
  line: number;
  /** By column; empty where the file has nothing. */
  cell: (column: string) => string;
  mistakes: DeviceImport['errors'];
}

/** The lines of the file in its order, each with what the check says of it. */
export function linesOf({ header, rows }: CsvTable, errors: DeviceImport['errors']): ImportLine[] {
  const columns = new Map(header.map((name, index) => [name, index]));
  const mistakes = new Map<number, DeviceImport['errors']>();
  for (const error of errors)
    mistakes.set(error.line, [...(mistakes.get(error.line) ?? []), error]);
  const lines = rows.map(({ line, cells }) => ({
    line,
    cell: (column: string) => cells[columns.get(column) ?? -1] ?? '',
    mistakes: mistakes.get(line) ?? [],
  }));
  const known = new Set(rows.map(({ line }) => line));
  const others = [...mistakes].filter(([line]) => !known.has(line));
  return [
    ...lines,
    ...others.map(([line, found]) => ({ line, cell: () => '', mistakes: found })),
  ].sort((a, b) => a.line - b.line);
}

function Line({ line }: { line: ImportLine }) {
  const { mistakes, cell } = line;
  return (
    <TableRow data-testid="import-line">
      <TableCell className="numeric" sx={{ color: 'text.secondary', verticalAlign: 'top' }}>
        {line.line}
      </TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere', verticalAlign: 'top', width: '40%' }}>
        {cell('name') || '–'}
        <Typography variant="caption" color="textSecondary" component="div">
          {[cell('id'), cell('type'), cell('location')].filter(Boolean).join(' · ')}
        </Typography>
      </TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere', verticalAlign: 'top' }}>
        {mistakes.length === 0 ? (
          <Pill color="success.main">Fine</Pill>
        ) : (
          mistakes.map(({ field, message }) => (
            <Box key={`${field} ${message}`} sx={{ color: 'error.main' }}>
              <b>{field}</b> {message.replace(kForPrograms, '')}
            </Box>
          ))
        )}
      </TableCell>
    </TableRow>
  );
}

interface ImportPreviewProps {
  table: CsvTable;
  report: DeviceImport;
}

/** What the file holds and what is wrong with it, line by line; the lines with mistakes first. */
export function ImportPreview({ table, report }: ImportPreviewProps) {
  const lines = linesOf(table, report.errors);
  const wrong = lines.filter(({ mistakes }) => mistakes.length > 0);
  const [asked, setAsked] = useState({ show: 'wrong', page: 1 });
  const show = wrong.length > 0 ? asked.show : 'all';
  const shown = show === 'wrong' ? wrong : lines;
  const pages = Math.max(1, Math.ceil(shown.length / kPageSize));
  const page = Math.min(asked.page, pages);
  const unnamed = report.errors_total - report.errors.length;
  return (
    <Box sx={{ border: 1, borderColor: 'line', borderRadius: 1.25, overflow: 'hidden' }}>
      {wrong.length > 0 && (
        <ListTabs
          label="Which lines"
          value={show}
          tabs={[
            { value: 'wrong', label: `Mistakes ${wrong.length.toLocaleString('en-US')}` },
            { value: 'all', label: `All lines ${lines.length.toLocaleString('en-US')}` },
          ]}
          onChange={(next) => {
            setAsked({ show: next, page: 1 });
          }}
        />
      )}
      <SortableTable columns={kColumns}>
        {shown.slice((page - 1) * kPageSize, page * kPageSize).map((line) => (
          <Line key={line.line} line={line} />
        ))}
      </SortableTable>
      <Pager
        page={page}
        pageSize={kPageSize}
        total={shown.length}
        onPage={(next) => {
          setAsked({ show, page: next });
        }}
      />
      {unnamed > 0 && (
        <Typography variant="caption" color="textSecondary" component="p" sx={{ px: 2, pb: 1.5 }}>
          {unnamed.toLocaleString('en-US')} more mistakes are not listed: correct these first.
        </Typography>
      )}
    </Box>
  );
}
