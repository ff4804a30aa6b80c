import {
  Box,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TableSortLabel,
} from '@mui/material';
import type { ReactNode } from 'react';

export interface Column {
  label: string;
  /** The field that the list can be ordered by; without it the column cannot. */
  sort?: string;
  align?: 'right';
}

interface SortableTableProps {
  columns: readonly Column[];
  /** The field that orders the list, after `-` when it is descending. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Heads a narrow column before the others; without it there is none. */
  first?: ReactNode;
  /** The rows. */
  children: ReactNode;
}

/** A list as a table; a click on the name of a column orders by it, a second one the other way. */
export function SortableTable({ columns, sort = '', onSort, first, children }: SortableTableProps) {
  const descending = sort.startsWith('-');
  const field = descending ? sort.slice(1) : sort;

  function head({ label, sort: by }: Column) {
    if (by === undefined || onSort === undefined) return label;
    const active = field === by;
    return (
      <TableSortLabel
        active={active}
        direction={active && descending ? 'desc' : 'asc'}
        onClick={() => {
          onSort(active && !descending ? `-${by}` : by);
        }}
      >
        {label}
      </TableSortLabel>
    );
  }

  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table sx={{ '& tbody tr:last-of-type td': { borderBottom: 0 } }}>
        <TableHead>
          <TableRow>
            {first !== undefined && <TableCell sx={{ width: 44, pr: 0 }}>{first}</TableCell>}
            {columns.map((column) => (
              <TableCell
                key={column.label}
                align={column.align}
                sortDirection={
                  column.sort !== undefined &&
                  column.sort === field &&
                  (descending ? 'desc' : 'asc')
                }
              >
                {head(column)}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>{children}</TableBody>
      </Table>
    </Box>
  );
}
