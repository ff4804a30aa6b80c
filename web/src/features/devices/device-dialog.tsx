import { useState } from 'react';
import { useNavigate } from 'react-router';
import { FormDialog } from '@/components/ui/form-dialog';
import { useCreateDevice, useUpdateDevice } from '@/lib/api/devices';
import { ApiError, errorMessage } from '@/lib/api/error';
import type { Device } from '@/lib/api/types';
import { fieldErrors } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';
import { DeviceForm, draftOf, kEmptyDraft, textToMetadata, type DeviceDraft } from './device-form';

interface DeviceDialogProps {
  title: string;
  save: string;
  initial: DeviceDraft;
  isNew: boolean;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onSave: (draft: DeviceDraft) => void;
}

function DeviceDialog({ initial, isNew, error, onSave, ...props }: DeviceDialogProps) {
  const [draft, setDraft] = useState(initial);
  // An id that is taken is said beside the id.
  const taken = isNew && error instanceof ApiError && error.code === 'CONFLICT';
  return (
    <FormDialog
      {...props}
      width="sm"
      error={taken ? null : error}
      onSave={() => {
        onSave(draft);
      }}
    >
      <DeviceForm
        draft={draft}
        onChange={setDraft}
        errors={taken ? { id: errorMessage(error), ...fieldErrors(error) } : fieldErrors(error)}
        isNew={isNew}
      />
    </FormDialog>
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

export function CreateDeviceDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateDevice();
  const navigate = useNavigate();
  const notify = useNotify();
  return (
    <DeviceDialog
      isNew
      title="Add a device"
      save="Add device"
      initial={kEmptyDraft}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
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

interface EditDeviceDialogProps {
  device: Device;
  onClose: () => void;
}

export function EditDeviceDialog({ device, onClose }: EditDeviceDialogProps) {
  const update = useUpdateDevice(device.id);
  const notify = useNotify();
  return (
    <DeviceDialog
      isNew={false}
      title={`Edit ${device.name}`}
      save="Save"
      initial={draftOf(device)}
      busy={update.isPending}
      error={update.error}
      onClose={onClose}
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
