import {
  Button,
  Checkbox,
  FormControlLabel,
  IconButton,
  ListItemIcon,
  Menu,
  MenuItem,
} from '@mui/material';
import { EllipsisVertical, KeyRound, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
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
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const remove = useDeleteDevice(device.id);
  const [readingsToo, setReadingsToo] = useState(false);
  const navigate = useNavigate();
  const notify = useNotify();
  const close = () => {
    setOpen(null);
  };
  const choose = (next: Open) => {
    setAnchor(null);
    setOpen(next);
  };

  return (
    <>
      {edit && (
        <Button
          variant="outlined"
          color="secondary"
          startIcon={<Pencil size={15} />}
          onClick={() => {
            choose('edit');
          }}
        >
          Edit
        </Button>
      )}
      {manageDevices && (
        <IconButton
          aria-label="More actions"
          aria-haspopup="menu"
          onClick={(event) => {
            setAnchor(event.currentTarget);
          }}
        >
          <EllipsisVertical size={18} />
        </IconButton>
      )}
      <Menu
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => {
          setAnchor(null);
        }}
      >
        <MenuItem
          onClick={() => {
            choose('credentials');
          }}
        >
          <ListItemIcon>
            <KeyRound size={16} />
          </ListItemIcon>
          MQTT credentials
        </MenuItem>
        <MenuItem
          sx={{ color: 'error.main' }}
          onClick={() => {
            choose('delete');
          }}
        >
          <ListItemIcon sx={{ color: 'inherit' }}>
            <Trash2 size={16} />
          </ListItemIcon>
          Delete device
        </MenuItem>
      </Menu>
      <EditDeviceDialog device={device} open={open === 'edit'} onClose={close} />
      <CredentialsDialog device={device} open={open === 'credentials'} onClose={close} />
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
