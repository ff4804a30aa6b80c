import { Box, Checkbox, TableCell, TableRow, Typography } from '@mui/material';
import type { KeyboardEvent } from 'react';
import { AlertStatusChip, SeverityChip } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import { SortableTable, type Column } from '@/components/ui/sortable-table';
import type { Alert } from '@/lib/api/types';
import { describeLimit } from '@/lib/conditions';
import { useNow } from '@/lib/hooks/use-now';
import { formatValue } from '@/lib/units';
import { AcknowledgeButton } from './acknowledge-button';
import { describeDuration } from './alert-duration';
import { ChatteringChip, ShelvedChip } from './alert-marks';

interface AlertListProps {
  alerts: readonly Alert[];
  names: ReadonlyMap<string, string>;
  /** Ids; without `onToggle` nothing can be ticked. */
  selected: ReadonlySet<string>;
  onToggle: ((id: string) => void) | undefined;
  onToggleAll: () => void;
  onOpen: (id: string) => void;
}

function Lasted({ alert }: { alert: Alert }) {
  return <>{describeDuration(alert, useNow())}</>;
}

/** The row before or after one, when there is one. */
function neighbour(row: Element, key: string): Element | null {
  if (key === 'ArrowDown' || key === 'j') return row.nextElementSibling;
  if (key === 'ArrowUp' || key === 'k') return row.previousElementSibling;
  return null;
}

/** Opens a row by keyboard as by mouse; arrows go to the next one, the space bar ticks it. */
function rowProps(alert: Alert, { onOpen, onToggle }: AlertListProps) {
  const open = () => {
    onOpen(alert.id);
  };
  return {
    'data-testid': 'alert-row',
    tabIndex: 0,
    'aria-label': `${alert.rule_name} on ${alert.device_id}: open the details`,
    onClick: open,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.target !== event.currentTarget) return;
      const next = neighbour(event.currentTarget, event.key);
      if (event.key === 'Enter') open();
      else if (event.key === ' ' && onToggle) onToggle(alert.id);
      else if (next instanceof HTMLElement) next.focus();
      else return;
      event.preventDefault();
    },
  };
}

function Tick({ alert, selected, onToggle }: AlertListProps & { alert: Alert }) {
  if (!onToggle) return null;
  return (
    <Checkbox
      size="small"
      tabIndex={-1}
      checked={selected.has(alert.id)}
      onClick={(event) => {
        event.stopPropagation();
      }}
      onChange={() => {
        onToggle(alert.id);
      }}
      slotProps={{
        input: { 'aria-label': `Select ${alert.rule_name} on ${alert.device_id}` },
      }}
      sx={{ p: 0.5 }}
    />
  );
}

function Status({ alert }: { alert: Alert }) {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1 }}>
      <AlertStatusChip status={alert.status} />
      <ShelvedChip alert={alert} />
      <ChatteringChip alert={alert} />
    </Box>
  );
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
  { label: 'Severity', sort: 'severity' },
  { label: 'Rule', sort: 'rule_name' },
  { label: 'Device', sort: 'device_id' },
  { label: 'Value' },
  { label: 'Began', sort: 'created_at' },
  { label: 'Duration' },
  { label: 'Status', sort: 'status' },
  { label: 'Action', align: 'right' },
];

interface TableProps extends AlertListProps {
  sort: string;
  onSort: (sort: string) => void;
}

export function AlertTable(props: TableProps) {
  const { alerts, names, selected, onToggle, onToggleAll, sort, onSort } = props;
  const all = onToggle && (
    <Checkbox
      size="small"
      checked={alerts.length > 0 && selected.size === alerts.length}
      indeterminate={selected.size > 0 && selected.size < alerts.length}
      onChange={onToggleAll}
      slotProps={{ input: { 'aria-label': 'Select all on this page' } }}
      sx={{ p: 0.5 }}
    />
  );
  return (
    <SortableTable columns={kColumns} sort={sort} onSort={onSort} first={all}>
      {alerts.map((alert) => (
        <TableRow
          key={alert.id}
          hover
          selected={selected.has(alert.id)}
          {...rowProps(alert, props)}
          sx={{
            cursor: 'pointer',
            opacity: alert.shelved_until === null ? 1 : 0.7,
            '& td:first-of-type': {
              boxShadow: (theme) => `inset 3px 0 0 ${theme.vars?.palette.severity[alert.severity]}`,
            },
          }}
        >
          {onToggle && (
            <TableCell sx={{ width: 44, pr: 0 }}>
              <Tick {...props} alert={alert} />
            </TableCell>
          )}
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
            <Status alert={alert} />
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
export function AlertCards(props: AlertListProps) {
  const { alerts, names } = props;
  return (
    <RowList>
      {alerts.map((alert) => (
        <Box
          component="li"
          key={alert.id}
          {...rowProps(alert, props)}
          sx={{
            px: 2,
            py: 1.5,
            cursor: 'pointer',
            boxShadow: (theme) => `inset 3px 0 0 ${theme.vars?.palette.severity[alert.severity]}`,
          }}
        >
          <Box sx={{ display: 'flex', alignItems: 'flex-start', gap: 1, mb: 0.5 }}>
            <Tick {...props} alert={alert} />
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
            <Status alert={alert} />
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
