import { Box, ButtonBase, TableCell, TableRow, Typography } from '@mui/material';
import { ChevronRight } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import { DeviceStatusChip } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import { SortableTable, type Column } from '@/components/ui/sortable-table';
import type { Device } from '@/lib/api/types';
import { HealthScore } from './health-score';

export const kSortFields = [
  { value: 'name', label: 'Name' },
  { value: 'type', label: 'Type' },
  { value: 'location', label: 'Location' },
  { value: 'status', label: 'Status' },
  { value: 'last_seen', label: 'Last reading' },
] as const;

const kColumns: readonly Column[] = [
  ...kSortFields.map(({ value, label }) => ({ label, sort: value })),
  { label: 'Health' },
];

const path = (device: Device) => `/devices/${encodeURIComponent(device.id)}`;

interface DeviceTableProps {
  devices: readonly Device[];
  sort: string;
  onSort: (sort: string) => void;
}

export function DeviceTable({ devices, sort, onSort }: DeviceTableProps) {
  const navigate = useNavigate();
  return (
    <SortableTable columns={kColumns} sort={sort} onSort={onSort}>
      {devices.map((device) => (
        <TableRow
          key={device.id}
          hover
          onClick={() => void navigate(path(device))}
          sx={{ cursor: 'pointer' }}
        >
          <TableCell>
            <Typography
              component={Link}
              to={path(device)}
              variant="h3"
              onClick={(event) => {
                event.stopPropagation();
              }}
              sx={{ color: 'text.primary', textDecoration: 'none' }}
            >
              {device.name}
            </Typography>
            <Typography variant="caption" color="textSecondary" component="p">
              {device.id}
            </Typography>
          </TableCell>
          <TableCell>{device.type}</TableCell>
          <TableCell>{device.location ?? '–'}</TableCell>
          <TableCell>
            <DeviceStatusChip status={device.status} />
          </TableCell>
          <TableCell sx={{ whiteSpace: 'nowrap', color: 'text.secondary' }}>
            <RelativeTime time={device.last_seen} />
          </TableCell>
          <TableCell>
            <HealthScore score={device.health_score} />
          </TableCell>
        </TableRow>
      ))}
    </SortableTable>
  );
}

/** The same on a phone. */
export function DeviceRows({ devices }: { devices: readonly Device[] }) {
  return (
    <RowList>
      {devices.map((device) => (
        <li key={device.id}>
          <ButtonBase
            component={Link}
            to={path(device)}
            sx={{ display: 'flex', width: '100%', gap: 1, px: 2, py: 1.5, textAlign: 'left' }}
          >
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Typography variant="h3" noWrap>
                {device.name}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="p" noWrap>
                {[device.id, device.type, device.location].filter(Boolean).join(' · ')}
              </Typography>
            </Box>
            <Box sx={{ textAlign: 'right', flexShrink: 0 }}>
              <DeviceStatusChip status={device.status} />
              <Typography variant="caption" color="textSecondary" component="p">
                <RelativeTime time={device.last_seen} />
              </Typography>
            </Box>
            <ChevronRight size={16} aria-hidden />
          </ButtonBase>
        </li>
      ))}
    </RowList>
  );
}
