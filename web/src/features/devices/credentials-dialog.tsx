import { Typography } from '@mui/material';
import { FormDialog } from '@/components/ui/form-dialog';
import { SecretDialog } from '@/components/ui/secret-dialog';
import { useIssueCredentials } from '@/lib/api/devices';
import type { Device } from '@/lib/api/types';

interface CredentialsDialogProps {
  device: Device;
  onClose: () => void;
}

/** Issues MQTT credentials. The password is shown here once and kept nowhere. */
export function CredentialsDialog({ device, onClose }: CredentialsDialogProps) {
  const issue = useIssueCredentials(device.id);
  const title = `MQTT credentials of ${device.name}`;
  if (issue.data) {
    const { username, password, topic } = issue.data;
    return (
      <SecretDialog
        title={title}
        what="password"
        fields={[
          { label: 'User name', value: username },
          { label: 'Password', value: password },
          { label: 'Topic', value: topic },
        ]}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title={title}
      save="Issue credentials"
      width="sm"
      busy={issue.isPending}
      error={issue.error}
      onClose={onClose}
      onSave={() => {
        issue.mutate();
      }}
    >
      <Typography variant="body2" color="textSecondary">
        The device publishes its readings with a user name and a password of its own, and may
        publish nowhere else. If it already has a password, a new one takes its place and the device
        has to be given it.
      </Typography>
    </FormDialog>
  );
}
