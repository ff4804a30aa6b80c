import { Button, Checkbox, FormControlLabel } from '@mui/material';
import { KeyRound, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ActionMenu } from '@/components/ui/action-menu';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useDeleteDevice } from '@/lib/api/devices';
import type { Device } from '@/lib/api/types';
import { useNotify, usePermissions } from '@/lib/store/hooks';
import { CredentialsDialog } from './credentials-dialog';
import { EditDeviceDialog } from './device-dialog';

type Open = 'edit' | 'credentials' | 'delete' | null;

export function DeviceActions({ device }: { device: Device }) {
  const { edit, manageDevices } = usePermissions();
  const [open, setOpen] = useState<Open>(null);
  const remove = useDeleteDevice(device.id);
  const [readingsToo, setReadingsToo] = useState(false);
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => {
    setOpen(null);
  };
  const choose = (next: Open) => () => {
    setOpen(next);
  };

  return (
    <>
      {edit && (
        <Button
          variant="outlined"
          color="secondary"
          startIcon={<Pencil size={15} />}
          onClick={choose('edit')}
        >
          Edit
        </Button>
      )}
      {manageDevices && (
        <ActionMenu
          label="More actions"
          actions={[
            { label: 'MQTT credentials', icon: KeyRound, onChoose: choose('credentials') },
            { label: 'Delete device', icon: Trash2, danger: true, onChoose: choose('delete') },
          ]}
        />
      )}
      {open === 'edit' && <EditDeviceDialog device={device} onClose={close} />}
      {open === 'credentials' && <CredentialsDialog device={device} onClose={close} />}
      <ConfirmDialog
        open={open === 'delete'}
        title={`Delete ${device.name}?`}
        confirm="Delete device"
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => {
          remove.mutate(readingsToo ? 'delete' : 'keep', {
            onSuccess: () => {
              notify('success', `${device.name} was deleted.`);
              void navigate('/devices');
            },
          });
        }}
      >
        Its rules, alerts and credentials go with it, and it can no longer publish.
        <FormControlLabel
          sx={{ mt: 1, alignItems: 'flex-start' }}
          control={
            <Checkbox
              size="small"
              checked={readingsToo}
              onChange={(_, checked) => {
                setReadingsToo(checked);
              }}
            />
          }
          label="Delete its stored readings too. Otherwise they are kept, and a device registered under this id later has them."
          slotProps={{ typography: { sx: { fontSize: '0.875rem', pt: 1 } } }}
        />
      </ConfirmDialog>
    </>
  );
}
