import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Typography,
} from '@mui/material';
import { CopyField } from '@/components/ui/copy-field';
import { useIssueCredentials } from '@/lib/api/devices';
import { errorMessage } from '@/lib/api/error';
import type { Device } from '@/lib/api/types';

interface CredentialsDialogProps {
  device: Device;
  open: boolean;
  onClose: () => void;
}

/** Issues MQTT credentials. The password is shown here once and kept nowhere. */
export function CredentialsDialog({ device, open, onClose }: CredentialsDialogProps) {
  const issue = useIssueCredentials(device.id);
  const issued = issue.data;

  function close() {
    issue.reset();
    onClose();
  }

  return (
    <Dialog open={open} onClose={issued ? undefined : close} fullWidth maxWidth="sm">
      <DialogTitle>MQTT credentials of {device.name}</DialogTitle>
      <DialogContent>
        {issue.isError && (
          <Alert severity="error" sx={{ mb: 2 }}>
            {errorMessage(issue.error)}
          </Alert>
        )}
        {issued ? (
          <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>
            <CopyField label="User name" value={issued.username} />
            <CopyField label="Password" value={issued.password} />
            <CopyField label="Topic" value={issued.topic} />
            <Alert severity="warning">
              Keep the password now: it is shown this once and cannot be looked up later.
            </Alert>
          </Box>
        ) : (
          <Typography variant="body2" color="textSecondary">
            The device publishes its readings with a user name and a password of its own, and may
            publish nowhere else. If it already has a password, a new one takes its place and the
            device has to be given it.
          </Typography>
        )}
      </DialogContent>
      <DialogActions>
        {issued ? (
          <Button variant="contained" onClick={close}>
            I have kept it
          </Button>
        ) : (
          <>
            <Button color="secondary" onClick={close}>
              Cancel
            </Button>
            <Button
              variant="contained"
              loading={issue.isPending}
              onClick={() => {
                issue.mutate();
              }}
            >
              Issue credentials
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}
