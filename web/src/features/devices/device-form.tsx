import { Autocomplete, Box, TextField } from '@mui/material';
import { capitalize } from '@/components/ui/chips';
import { SelectField } from '@/components/ui/select-field';
import { useProfiles } from '@/lib/api/profiles';
import type { Device, DeviceStatus } from '@/lib/api/types';
import { fieldState } from '@/lib/forms';

export interface DeviceDraft {
  id: string;
  name: string;
  type: string;
  location: string;
  status: DeviceStatus;
  /** One `key: value` a line. */
  metadata: string;
}

export const kEmptyDraft: DeviceDraft = {
  id: '',
  name: '',
  type: '',
  location: '',
  status: 'active',
  metadata: '',
};

/** Values that are not plain text are written as JSON, so that nothing is lost by editing. */
export function metadataToText(metadata: Device['metadata']): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

/** The inverse; what reads as JSON becomes that, the rest is text. Lines without a colon are left out. */
export function textToMetadata(text: string): Record<string, unknown> {
  const entries = text.split('\n').flatMap((line): [string, unknown][] => {
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(colon, 0)).trim();
    if (key === '') return [];
    const value = line.slice(colon + 1).trim();
    try {
      return [[key, JSON.parse(value)]];
    } catch {
      return [[key, value]];
    }
  });
  return Object.fromEntries(entries);
}

export function draftOf(device: Device): DeviceDraft {
  return {
    id: device.id,
    name: device.name,
    type: device.type,
    location: device.location ?? '',
    status: device.status,
    metadata: metadataToText(device.metadata),
  };
}

interface DeviceFormProps {
  draft: DeviceDraft;
  onChange: (draft: DeviceDraft) => void;
  errors: Record<string, string>;
  /** An id cannot change later. */
  isNew: boolean;
}

export const kDeviceStatuses = ['active', 'inactive', 'maintenance', 'error'] as const;

export function DeviceForm({ draft, onChange, errors, isNew }: DeviceFormProps) {
  const types = useProfiles().data?.profiles.map((profile) => profile.type) ?? [];
  const set = (change: Partial<DeviceDraft>) => {
    onChange({ ...draft, ...change });
  };
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { sm: 'repeat(2, minmax(0, 1fr))' },
      }}
    >
      <TextField
        label="Id"
        value={draft.id}
        disabled={!isNew}
        autoFocus={isNew}
        onChange={(event) => {
          set({ id: event.target.value });
        }}
        {...fieldState(errors, 'id', isNew ? 'Letters, digits, dash, dot, underscore' : undefined)}
      />
      <TextField
        label="Name"
        value={draft.name}
        onChange={(event) => {
          set({ name: event.target.value });
        }}
        {...fieldState(errors, 'name')}
      />
      <Autocomplete
        freeSolo
        forcePopupIcon
        options={types}
        inputValue={draft.type}
        onInputChange={(_, type) => {
          set({ type });
        }}
        renderInput={(parameters) => (
          <TextField
            {...parameters}
            label="Type"
            {...fieldState(errors, 'type', 'Decides fields, units and ranges')}
          />
        )}
      />
      <TextField
        label="Location"
        value={draft.location}
        onChange={(event) => {
          set({ location: event.target.value });
        }}
        {...fieldState(errors, 'location')}
      />
      <SelectField
        label="Status"
        value={draft.status}
        options={kDeviceStatuses.map((value) => ({ value, label: capitalize(value) }))}
        onChange={(status) => {
          set({ status });
        }}
        {...fieldState(errors, 'status')}
      />
      <TextField
        label="Details"
        multiline
        minRows={3}
        value={draft.metadata}
        placeholder={'manufacturer: Acme\nrated_power_w: 60'}
        sx={{ gridColumn: '1 / -1' }}
        onChange={(event) => {
          set({ metadata: event.target.value });
        }}
        {...fieldState(errors, 'metadata', 'One “name: value” a line')}
      />
    </Box>
  );
}
