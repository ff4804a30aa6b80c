import { Alert, Box, Button, Checkbox, FormControlLabel, Typography } from '@mui/material';
import { ArrowDownLeft, ArrowUpRight, CircleDot, Square } from 'lucide-react';
import { useState } from 'react';
import { FilterSelect } from '@/components/ui/filters';
import { Pill } from '@/components/ui/chips';
import { RelativeTime } from '@/components/ui/relative-time';
import { errorMessage } from '@/lib/api/error';
import { useMqttTrace, useTraceControl } from '@/lib/api/mqtt';
import type { MqttTrace, MqttTracedPacket } from '@/lib/api/types';
import { zoneName } from '@/lib/time';
import { formatBytes } from '@/lib/units';
import { describePacket, packetTime } from './packets';

const kDurations = [
  { value: '60', label: 'for 1 min' },
  { value: '300', label: 'for 5 min' },
  { value: '3600', label: 'for 1 h' },
];

function Packet({ packet }: { packet: MqttTracedPacket }) {
  const Arrow = packet.direction === 'in' ? ArrowDownLeft : ArrowUpRight;
  const header = describePacket(packet);
  return (
    <Box
      component="li"
      data-testid="mqtt-packet"
      sx={{ py: 0.75, '&:not(:first-of-type)': { borderTop: 1, borderColor: 'line' } }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, fontSize: '0.7813rem' }}>
        <Box
          component="span"
          title={packet.direction === 'in' ? 'From the client' : 'To the client'}
          sx={{ display: 'flex', color: packet.direction === 'in' ? 'info.main' : 'success.main' }}
        >
          <Arrow size={14} aria-label={packet.direction === 'in' ? 'received' : 'sent'} />
        </Box>
        <b>{packet.type}</b>
        <Box component="span" sx={{ flex: 1, color: 'text.secondary' }}>
          {header}
        </Box>
        <Box component="span" className="numeric" sx={{ color: 'text.secondary' }}>
          {formatBytes(packet.bytes)} · {packetTime(packet.time)}
        </Box>
      </Box>
      {packet.topic !== undefined && (
        <Box sx={{ pl: 2.75, fontSize: '0.7813rem', overflowWrap: 'anywhere' }}>{packet.topic}</Box>
      )}
      {packet.payload !== undefined && (
        <Box
          component="code"
          sx={{
            display: 'block',
            pl: 2.75,
            fontSize: '0.75rem',
            color: 'text.secondary',
            overflowWrap: 'anywhere',
          }}
        >
          {packet.payload === '' ? '(empty)' : packet.payload}
        </Box>
      )}
    </Box>
  );
}

function Packets({ trace }: { trace: MqttTrace }) {
  const newest = [...trace.packets].reverse();
  return (
    <>
      <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: 1 }}>
        {trace.packets.length.toLocaleString('en-US')}{' '}
        {trace.packets.length === 1 ? 'packet' : 'packets'}, newest first
        {trace.forgotten > 0 && ` · ${trace.forgotten.toLocaleString('en-US')} older ones dropped`}
        {' · '}
        {trace.running ? 'ends ' : 'ended '}
        <RelativeTime time={trace.ends_at} /> · times in {zoneName()}
      </Typography>
      <Box
        component="ol"
        tabIndex={0}
        aria-label="Packets"
        sx={{ listStyle: 'none', m: 0, mt: 0.5, p: 0, maxHeight: 420, overflowY: 'auto' }}
      >
        {newest.map((packet, index) => (
          <Packet key={trace.forgotten + newest.length - index} packet={packet} />
        ))}
      </Box>
    </>
  );
}

/** Notes the packets of one client for a while; the content of messages only when asked for. */
export function Trace({ clientId }: { clientId: string }) {
  const trace = useMqttTrace(clientId).data;
  const control = useTraceControl(clientId);
  const [seconds, setSeconds] = useState('60');
  const [payload, setPayload] = useState(false);
  const running = trace?.running ?? false;
  return (
    <Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1 }}>
        <Typography variant="h2" component="h3" sx={{ flex: 1 }}>
          Trace
        </Typography>
        {running && <Pill color="success.main">Running</Pill>}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1 }}>
        {running ? (
          <Button
            variant="outlined"
            color="secondary"
            startIcon={<Square size={14} />}
            loading={control.isPending}
            onClick={() => {
              control.mutate({ seconds: 0, payload: false });
            }}
          >
            Stop
          </Button>
        ) : (
          <>
            <Button
              variant="outlined"
              color="secondary"
              startIcon={<CircleDot size={14} />}
              loading={control.isPending}
              onClick={() => {
                control.mutate({ seconds: Number(seconds), payload });
              }}
            >
              Start
            </Button>
            <FilterSelect
              label="Duration"
              value={seconds}
              options={kDurations}
              onChange={setSeconds}
            />
            <FormControlLabel
              label="With content of messages"
              sx={{ '& .MuiTypography-root': { fontSize: '0.8125rem' } }}
              control={
                <Checkbox
                  size="small"
                  checked={payload}
                  onChange={(_, checked) => {
                    setPayload(checked);
                  }}
                />
              }
            />
          </>
        )}
      </Box>
      {control.isError && (
        <Alert severity="error" sx={{ mt: 1 }}>
          {errorMessage(control.error)}
        </Alert>
      )}
      {trace && <Packets trace={trace} />}
    </Box>
  );
}
