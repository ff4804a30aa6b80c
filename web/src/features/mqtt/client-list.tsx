import { Box, ButtonBase, TableCell, TableRow, Typography } from '@mui/material';
import { ChevronRight } from 'lucide-react';
import { RelativeTime } from '@/components/ui/relative-time';
import { RowList } from '@/components/ui/row-list';
import { SortableTable, type Column } from '@/components/ui/sortable-table';
import type { MqttClient } from '@/lib/api/types';
import { formatBytes, formatCount } from '@/lib/units';

interface ClientListProps {
  clients: readonly MqttClient[];
  onOpen: (id: string) => void;
}

interface ClientTableProps extends ClientListProps {
  sort: string;
  onSort: (sort: string) => void;
}

export const kSortFields = [
  ...(['client_id', 'address', 'connected_at', 'bytes_received', 'bytes_sent'] as const),
  ...(['queued', 'messages_dropped'] as const),
] as const;
type SortField = (typeof kSortFields)[number];

const kColumns: readonly (Column & { sort?: SortField })[] = [
  { label: 'Client', sort: 'client_id' },
  { label: 'Address', sort: 'address' },
  { label: 'Connected', sort: 'connected_at' },
  { label: 'Received', sort: 'bytes_received', align: 'right' },
  { label: 'Sent', sort: 'bytes_sent', align: 'right' },
  { label: 'In flight', align: 'right' },
  { label: 'Queued', sort: 'queued', align: 'right' },
  { label: 'Dropped', sort: 'messages_dropped', align: 'right' },
  { label: 'Last error' },
];

const protocolOf = (client: MqttClient) =>
  `MQTT ${client.protocol} over ${client.transport.toUpperCase()}`;

function Amount({ bytes, messages }: { bytes: number; messages: number }) {
  return (
    <>
      {formatBytes(bytes)}
      <Typography variant="caption" color="textSecondary" component="div">
        {formatCount(messages)} {messages === 1 ? 'message' : 'messages'}
      </Typography>
    </>
  );
}

function ClientLine({ client, onOpen }: { client: MqttClient; onOpen: (id: string) => void }) {
  return (
    <TableRow
      hover
      data-testid="mqtt-client"
      onClick={() => {
        onOpen(client.client_id);
      }}
      sx={{ cursor: 'pointer' }}
    >
      <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 160 }}>
        <ButtonBase
          onClick={(event) => {
            event.stopPropagation();
            onOpen(client.client_id);
          }}
          sx={{ font: 'inherit', fontWeight: 600, textAlign: 'left' }}
        >
          {client.client_id}
        </ButtonBase>
        <Typography variant="caption" color="textSecondary" component="div">
          {client.username || 'no user name'}
        </Typography>
      </TableCell>
      <TableCell sx={{ whiteSpace: 'nowrap' }}>
        {client.address}
        <Typography variant="caption" color="textSecondary" component="div">
          {protocolOf(client)}
        </Typography>
      </TableCell>
      <TableCell sx={{ whiteSpace: 'nowrap', color: 'text.secondary' }}>
        <RelativeTime time={client.connected_at} />
      </TableCell>
      <TableCell align="right" className="numeric">
        <Amount bytes={client.bytes_received} messages={client.messages_received} />
      </TableCell>
      <TableCell align="right" className="numeric">
        <Amount bytes={client.bytes_sent} messages={client.messages_sent} />
      </TableCell>
      <TableCell align="right" className="numeric" title="From the client / to the client">
        {client.inflight_received} / {client.inflight_sent}
      </TableCell>
      <TableCell align="right" className="numeric">
        {formatCount(client.queued)}
      </TableCell>
      <TableCell
        align="right"
        className="numeric"
        sx={{ color: client.messages_dropped > 0 ? 'warning.main' : undefined }}
      >
        {formatCount(client.messages_dropped)}
      </TableCell>
      <TableCell sx={{ color: client.last_error === null ? 'text.secondary' : 'error.main' }}>
        {client.last_error ?? 'none'}
      </TableCell>
    </TableRow>
  );
}

export function ClientTable({ clients, onOpen, sort, onSort }: ClientTableProps) {
  return (
    <SortableTable columns={kColumns} sort={sort} onSort={onSort}>
      {clients.map((client) => (
        <ClientLine key={client.client_id} client={client} onOpen={onOpen} />
      ))}
    </SortableTable>
  );
}

/** The same on a phone. */
export function ClientRows({ clients, onOpen }: ClientListProps) {
  return (
    <RowList>
      {clients.map((client) => (
        <li key={client.client_id} data-testid="mqtt-client">
          <ButtonBase
            onClick={() => {
              onOpen(client.client_id);
            }}
            sx={{
              display: 'flex',
              width: '100%',
              gap: 1,
              px: 2,
              py: 1.5,
              textAlign: 'left',
              outlineOffset: '-2px !important',
            }}
          >
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Typography variant="h3" noWrap>
                {client.client_id}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="p" noWrap>
                {protocolOf(client)} · {client.address}
              </Typography>
              <Typography variant="caption" color="textSecondary" component="p" noWrap>
                {formatBytes(client.bytes_received)} in · {formatBytes(client.bytes_sent)} out ·{' '}
                {formatCount(client.queued)} queued
              </Typography>
              {client.last_error !== null && (
                <Typography variant="caption" color="error" component="p">
                  {client.last_error}
                </Typography>
              )}
            </Box>
            <ChevronRight size={16} aria-hidden />
          </ButtonBase>
        </li>
      ))}
    </RowList>
  );
}
