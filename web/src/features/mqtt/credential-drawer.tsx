import { Box, Button, Link, Typography } from '@mui/material';
import { KeyRound, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link as RouterLink } from 'react-router';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { DetailRow } from '@/components/ui/detail-row';
import { RelativeTime } from '@/components/ui/relative-time';
import { SecretDialog } from '@/components/ui/secret-dialog';
import { SideDrawer } from '@/components/ui/side-drawer';
import { useRevokeCredential, useRotateCredential } from '@/lib/api/mqtt-access';
import type { MqttListedCredential } from '@/lib/api/types';
import { useNotify } from '@/lib/store/hooks';
import { AccessRules } from './access-rules';
import { secretsOf } from './secrets';

function Rotate({ username }: { username: string }) {
  const rotate = useRotateCredential(username);
  const [asking, setAsking] = useState(false);
  const close = () => {
    rotate.reset();
    setAsking(false);
  };
  return (
    <>
      <Button
        variant="outlined"
        color="secondary"
        startIcon={<KeyRound size={15} />}
        onClick={() => {
          setAsking(true);
        }}
      >
        New password
      </Button>
      <ConfirmDialog
        open={asking && !rotate.data}
        title={`A new password for ${username}?`}
        confirm="Change password"
        busy={rotate.isPending}
        error={rotate.error}
        onClose={close}
        onConfirm={() => {
          rotate.mutate();
        }}
      >
        The old one stops working at once and its clients are disconnected until they have the new
        one. The rules stay.
      </ConfirmDialog>
      {rotate.data && (
        <SecretDialog
          title={`The new password of ${username}`}
          what="password"
          fields={secretsOf(rotate.data)}
          onClose={close}
        />
      )}
    </>
  );
}

function Revoke({ username, onRevoked }: { username: string; onRevoked: () => void }) {
  const revoke = useRevokeCredential(username);
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="outlined"
        color="error"
        startIcon={<Trash2 size={15} />}
        onClick={() => {
          setAsking(true);
        }}
      >
        Revoke
      </Button>
      <ConfirmDialog
        open={asking}
        title={`Revoke ${username}?`}
        confirm="Revoke"
        busy={revoke.isPending}
        error={revoke.error}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => {
          revoke.mutate(undefined, {
            onSuccess: () => {
              notify('success', `${username} was revoked.`);
              onRevoked();
            },
          });
        }}
      >
        Its clients are disconnected and cannot come back. Its rules go with it.
      </ConfirmDialog>
    </>
  );
}

interface CredentialDrawerProps {
  credential: MqttListedCredential;
  onClose: () => void;
}

/** One credential: what its clients may do, and how it ends. */
export function CredentialDrawer({ credential, onClose }: CredentialDrawerProps) {
  const { username, device_id: device } = credential;
  return (
    <SideDrawer open label={`MQTT credential ${username}`} title={username} onClose={onClose}>
      <Box sx={{ display: 'grid', gap: 2, px: 2.5, pb: 3, overflowY: 'auto' }}>
        <Box component="dl" sx={{ m: 0 }}>
          <DetailRow name="Belongs to">
            {device === null ? (
              'a client that is not a device'
            ) : (
              <Link component={RouterLink} to={`/devices/${encodeURIComponent(device)}`}>
                device {device}
              </Link>
            )}
          </DetailRow>
          <DetailRow name="Last connected">
            {credential.last_used === null ? 'never' : <RelativeTime time={credential.last_used} />}
          </DetailRow>
          <DetailRow name="Issued">
            <RelativeTime time={credential.created_at} />
          </DetailRow>
        </Box>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          <Rotate username={username} />
          <Revoke username={username} onRevoked={onClose} />
        </Box>
        <Typography variant="h3" component="h2" sx={{ mt: 1 }}>
          Rules
        </Typography>
        <AccessRules username={username} />
      </Box>
    </SideDrawer>
  );
}
