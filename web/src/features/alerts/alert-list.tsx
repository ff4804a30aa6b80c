import { Box, TableCell, TableRow, Typography } from '@mui/material';
import type { KeyboardEvent } from 'react';
import { AlertStatusChip, SeverityChip } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import { SortableTable, type Column } from '@/components/ui/sortable-table';
import type { Alert } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { useNow } from '@/lib/hooks/use-now';
import { formatValue } from '@/lib/units';
import { AcknowledgeButton } from './alert-actions';
import { describeDuration } from './alert-duration';

interface AlertListProps {
  alerts: readonly Alert[];
  names: ReadonlyMap<string, string>;
  selected: string | null;
  onSelect: (id: string) => void;
}

function Lasted({ alert }: { alert: Alert }) {
  return <>{describeDuration(alert, useNow())}</>;
}

/** Opens a row by keyboard as by mouse. */
function rowProps(alert: Alert, onSelect: (id: string) => void) {
  const open = () => {
    onSelect(alert.id);
  };
  return {
    'data-testid': 'alert-row',
    tabIndex: 0,
    'aria-label': `${alert.rule_name} on ${alert.device_id}: open the details`,
    onClick: open,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && event.target === event.currentTarget) open();
    },
  };
}

function Values({ alert }: { alert: Alert }) {
  const unit = alert.unit ?? '';
  return (
    <>
      <Box component="span" sx={{ fontWeight: 600 }}>
        {formatValue(alert.latest_value, unit)}
      </Box>
      <Typography variant="caption" color="textSecondary" component="p">
        {describeLimit(alert.operator, alert.threshold_value, unit)}
      </Typography>
    </>
  );
}

const kColumns: readonly Column[] = [
  ...['Severity', 'Rule', 'Device', 'Value', 'Began', 'Duration', 'Status'].map((label) => ({
    label,
  })),
  { label: 'Action', align: 'right' },
];

export function AlertTable({ alerts, names, selected, onSelect }: AlertListProps) {
  return (
    <SortableTable columns={kColumns}>
      {alerts.map((alert) => (
        <TableRow
          key={alert.id}
          hover
          selected={alert.id === selected}
          {...rowProps(alert, onSelect)}
          sx={{
            cursor: 'pointer',
            '& td:first-of-type': {
              boxShadow: (theme) => `inset 3px 0 0 ${theme.vars?.palette.severity[alert.severity]}`,
            },
          }}
        >
          <TableCell>
            <SeverityChip severity={alert.severity} />
          </TableCell>
          <TableCell sx={{ fontWeight: 580 }}>{alert.rule_name}</TableCell>
          <TableCell>
            {names.get(alert.device_id) ?? alert.device_id}
            <Typography variant="caption" color="textSecondary" component="p">
              {alert.device_id} · {alert.property}
            </Typography>
          </TableCell>
          <TableCell>
            <Values alert={alert} />
          </TableCell>
          <TableCell sx={{ whiteSpace: 'nowrap', color: 'text.secondary' }}>
            <RelativeTime time={alert.created_at} />
          </TableCell>
          <TableCell sx={{ whiteSpace: 'nowrap', color: 'text.secondary' }}>
            <Lasted alert={alert} />
          </TableCell>
          <TableCell>
            <AlertStatusChip status={alert.status} />
          </TableCell>
          <TableCell align="right">
            <AcknowledgeButton alert={alert} />
          </TableCell>
        </TableRow>
      ))}
    </SortableTable>
  );
}

/** The same on a phone. */
export function AlertCards({ alerts, names, onSelect }: AlertListProps) {
  return (
    <RowList>
      {alerts.map((alert) => (
        <Box
          component="li"
          key={alert.id}
          {...rowProps(alert, onSelect)}
          sx={{
            px: 2,
            py: 1.5,
            cursor: 'pointer',
            boxShadow: (theme) => `inset 3px 0 0 ${theme.vars?.palette.severity[alert.severity]}`,
          }}
        >
          <Box sx={{ display: 'flex', gap: 1, mb: 0.5 }}>
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Typography variant="h3" noWrap>
                {alert.rule_name}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="p" noWrap>
                {names.get(alert.device_id) ?? alert.device_id} · {alert.property}
              </Typography>
            </Box>
            <SeverityChip severity={alert.severity} />
          </Box>
          <Box sx={{ fontSize: '0.8438rem' }}>
            <Values alert={alert} />
          </Box>
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mt: 0.5, minHeight: 30 }}>
            <AlertStatusChip status={alert.status} />
            <Typography variant="caption" color="textSecondary" sx={{ flex: 1 }}>
              <RelativeTime time={alert.created_at} />
            </Typography>
            <AcknowledgeButton alert={alert} />
          </Box>
        </Box>
      ))}
    </RowList>
  );
}
