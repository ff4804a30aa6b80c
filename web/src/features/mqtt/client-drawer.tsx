import { Box, Button, Skeleton } from '@mui/material';
import { Unplug } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { DetailRow } from '@/components/ui/detail-row';
import { RelativeTime } from '@/components/ui/relative-time';
import { SideDrawer } from '@/components/ui/side-drawer';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useDisconnect, useMqttClient } from '@/lib/api/mqtt';
import type { MqttClientDetail } from '@/lib/api/types';
import { useNotify } from '@/lib/store/hooks';
import { formatDuration, kSecond } from '@/lib/time';
import { formatBytes, formatCount } from '@/lib/units';
import { Trace } from './trace';

const duration = (seconds: number, none: string) =>
  seconds === 0 ? none : formatDuration(seconds * kSecond);

function Details({ client }: { client: MqttClientDetail }) {
  return (
    <Box component="dl" sx={{ m: 0 }}>
      <DetailRow name="Last error">
        <Box component="span" sx={{ color: client.last_error === null ? undefined : 'error.main' }}>
          {client.last_error ?? 'none'}
        </Box>
      </DetailRow>
      <DetailRow name="User">{client.username || '–'}</DetailRow>
      <DetailRow name="Address">{client.address}</DetailRow>
      <DetailRow name="Protocol">
        MQTT {client.protocol} over {client.transport.toUpperCase()}
      </DetailRow>
      <DetailRow name="Connected">
        <RelativeTime time={client.connected_at} />
      </DetailRow>
      <DetailRow name="Keep alive">{duration(client.keep_alive_s, 'none')}</DetailRow>
      <DetailRow name="Session">
        {client.clean_start ? 'begun clean' : 'resumed if there was one'}, kept{' '}
        {duration(client.session_expiry_s, 'until it disconnects')}
      </DetailRow>
      <DetailRow name="Received">
        {formatBytes(client.bytes_received)} · {formatCount(client.messages_received)} messages ·{' '}
        {client.inflight_received} in flight
      </DetailRow>
      <DetailRow name="Sent">
        {formatBytes(client.bytes_sent)} · {formatCount(client.messages_sent)} messages ·{' '}
        {client.inflight_sent} in flight
      </DetailRow>
      <DetailRow name="Waiting">
        {formatCount(client.queued)} queued · {formatCount(client.messages_dropped)} dropped
      </DetailRow>
      <DetailRow name="Subscriptions">
        {client.filters.length === 0
          ? 'none'
          : client.filters.map(({ filter, qos }) => (
              <Box key={filter}>
                <code>{filter}</code> · QoS {qos}
              </Box>
            ))}
      </DetailRow>
    </Box>
  );
}

function Disconnect({ clientId }: { clientId: string }) {
  const disconnect = useDisconnect(clientId);
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
  };
  return (
    <>
      <Button
        variant="outlined"
        color="error"
        startIcon={<Unplug size={15} />}
        onClick={() => {
          setAsking(true);
        }}
      >
        Disconnect
      </Button>
      <ConfirmDialog
        open={asking}
        title={`Disconnect ${clientId}?`}
        confirm="Disconnect"
        busy={disconnect.isPending}
        error={disconnect.error}
        onClose={close}
        onConfirm={() => {
          disconnect.mutate(undefined, {
            onSuccess: () => {
              close();
              notify('success', `${clientId} was disconnected.`);
            },
          });
        }}
      >
        It may connect again at once. Take its credentials away to keep it out.
      </ConfirmDialog>
    </>
  );
}

interface ClientDrawerProps {
  clientId: string;
  onClose: () => void;
}

/** Everything about one client, and its packets. */
export function ClientDrawer({ clientId, onClose }: ClientDrawerProps) {
  const query = useMqttClient(clientId);
  function content() {
    if (query.data) return <Details client={query.data} />;
    if (query.data === null) {
      return (
        <StateMessage
          compact
          icon={Unplug}
          title="Not connected any more"
          text="Its figures come back when it connects again."
        />
      );
    }
    if (query.isError) {
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    return <Skeleton variant="rounded" height={320} />;
  }
  return (
    <SideDrawer
      open
      label={`MQTT client ${clientId}`}
      title={clientId}
      actions={query.data && <Disconnect clientId={clientId} />}
      onClose={onClose}
    >
      <Box sx={{ display: 'grid', gap: 2.5, px: 2.5, pb: 3, overflowY: 'auto' }}>
        {content()}
        <Trace clientId={clientId} />
      </Box>
    </SideDrawer>
  );
}
