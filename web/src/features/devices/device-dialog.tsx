import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useCreateDevice, useUpdateDevice } from '@/lib/api/devices';
import { ApiError, errorMessage } from '@/lib/api/error';
import type { Device } from '@/lib/api/types';
import { fieldErrors } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';
import { DeviceForm, draftOf, kEmptyDraft, textToMetadata, type DeviceDraft } from './device-form';

interface DeviceDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  save: string;
  initial: DeviceDraft;
  isNew: boolean;
  busy: boolean;
  error: unknown;
  onSave: (draft: DeviceDraft) => void;
}

function DeviceDialog(props: DeviceDialogProps) {
  const [draft, setDraft] = useState(props.initial);
  const errors = fieldErrors(props.error);
  const conflict = props.error instanceof ApiError && props.error.code === 'CONFLICT';
  const shown = conflict && props.isNew ? { id: errorMessage(props.error), ...errors } : errors;
  const general = props.error !== null && Object.keys(shown).length === 0;

  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSave(draft);
  }

  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      fullWidth
      maxWidth="sm"
      slotProps={{ paper: { component: 'form', onSubmit: submit, noValidate: true } as object }}
    >
      <DialogTitle>{props.title}</DialogTitle>
      <DialogContent>
        {general && (
          <Alert severity="error" sx={{ mb: 1 }}>
            {errorMessage(props.error)}
          </Alert>
        )}
        <DeviceForm draft={draft} onChange={setDraft} errors={shown} isNew={props.isNew} />
      </DialogContent>
      <DialogActions>
        <Button color="secondary" onClick={props.onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="contained" loading={props.busy}>
          {props.save}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function common(draft: DeviceDraft) {
  return {
    name: draft.name.trim(),
    type: draft.type.trim(),
    location: draft.location.trim() === '' ? null : draft.location.trim(),
    status: draft.status,
    metadata: textToMetadata(draft.metadata),
  };
}

interface OpenProps {
  open: boolean;
  onClose: () => void;
}

export function CreateDeviceDialog({ open, onClose }: OpenProps) {
  const create = useCreateDevice();
  const navigate = useNavigate();
  const notify = useNotify();
  if (!open) return null;
  return (
    <DeviceDialog
      open
      isNew
      title="Add a device"
      save="Add device"
      initial={kEmptyDraft}
      busy={create.isPending}
      error={create.error}
      onClose={() => {
        create.reset();
        onClose();
      }}
      onSave={(draft) => {
        create.mutate(
          { id: draft.id.trim(), ...common(draft) },
          {
            onSuccess: (device) => {
              notify('success', `${device.name} was added. Issue its credentials next.`);
              void navigate(`/devices/${encodeURIComponent(device.id)}`);
            },
          },
        );
      }}
    />
  );
}

export function EditDeviceDialog({ device, open, onClose }: OpenProps & { device: Device }) {
  const update = useUpdateDevice(device.id);
  const notify = useNotify();
  if (!open) return null;
  return (
    <DeviceDialog
      open
      isNew={false}
      title={`Edit ${device.name}`}
      save="Save"
      initial={draftOf(device)}
      busy={update.isPending}
      error={update.error}
      onClose={() => {
        update.reset();
        onClose();
      }}
      onSave={(draft) => {
        update.mutate(
          { ...common(draft), version: device.version },
          {
            onSuccess: () => {
              notify('success', 'The device was saved.');
              onClose();
            },
          },
        );
      }}
    />
  );
}
