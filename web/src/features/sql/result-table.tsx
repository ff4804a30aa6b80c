import {
  Alert,
  Box,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import { Pager } from '@/components/ui/pager';
import type { SqlResult } from '@/lib/api/types';
import { cellOf, isNumeric, isTime } from './cells';

const kPageSize = 50;

/** The rows of a result, a page at a time. */
export function ResultTable({ result }: { result: SqlResult }) {
  const [page, setPage] = useState(1);
  const { columns, rows } = result;
  const first = (page - 1) * kPageSize;
  return (
    <>
      {result.truncated && (
        <Alert severity="warning" sx={{ m: 2 }}>
          A limit on rows or bytes cut the result off. Aggregate, or narrow its range.
        </Alert>
      )}
      <Box
        tabIndex={0}
        role="region"
        aria-label="Result"
        sx={{ overflow: 'auto', maxHeight: '70vh', borderTop: 1, borderColor: 'line' }}
      >
        <Table
          size="small"
          stickyHeader
          data-testid="sql-result"
          // Not stretched: numbers stay beside what they belong to.
          sx={{ width: 'auto', '& tr > :first-of-type': { pl: { xs: 2, sm: 2.5 } } }}
        >
          <TableHead>
            <TableRow>
              {columns.map(({ name, type }, index) => (
                <TableCell
                  key={`${index} ${name}`}
                  align={isNumeric(type) ? 'right' : 'left'}
                  title={type}
                  sx={{ bgcolor: 'background.paper' }}
                >
                  {name}
                  {isTime(type) && (
                    <Typography variant="caption" color="textSecondary" component="span">
                      {' '}
                      UTC
                    </Typography>
                  )}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.slice(first, first + kPageSize).map((row, index) => (
              <TableRow key={first + index}>
                {columns.map(({ type }, column) => {
                  const cell = cellOf(row[column], type);
                  return (
                    <TableCell
                      key={column}
                      className="numeric"
                      align={isNumeric(type) ? 'right' : 'left'}
                      sx={{
                        maxWidth: 420,
                        overflow: 'hidden',
                        textOverflow: 'ellipsis',
                        whiteSpace: 'nowrap',
                        color: cell.kind === 'null' ? 'text.disabled' : undefined,
                      }}
                      title={cell.text.length > 50 ? cell.text : undefined}
                    >
                      {cell.text}
                    </TableCell>
                  );
                })}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Pager page={page} pageSize={kPageSize} total={rows.length} onPage={setPage} />
    </>
  );
}
