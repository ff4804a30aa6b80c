import { Alert, Box } from '@mui/material';
import { CopyField } from '@/components/ui/copy-field';
import type { MqttCredential } from '@/lib/api/types';

/** A credential just made: the only time that its password is seen. */
export function IssuedCredential({ issued }: { issued: MqttCredential }) {
  return (
    <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>
      <CopyField label="User name" value={issued.username} />
      <CopyField label="Password" value={issued.password} />
      <Alert severity="warning">
        Keep the password now: it is shown this once and cannot be looked up later.
      </Alert>
    </Box>
  );
}
