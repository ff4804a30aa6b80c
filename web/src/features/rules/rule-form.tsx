import { Autocomplete, Box, InputAdornment, MenuItem, TextField } from '@mui/material';
import { SelectField } from '@/components/ui/select-field';
import { useDeviceOptions } from '@/lib/api/devices';
import { useProfile } from '@/lib/api/profiles';
import type { NotificationChannel, Severity } from '@/lib/api/types';
import { clearSide, kOperators, kOperatorWords } from '@/lib/conditions';
import { fieldLabel } from '@/lib/fields';
import { fieldState } from '@/lib/forms';
import { formatPlain } from '@/lib/units';
import { summarize, type RuleDraft } from './rule-draft';

interface RuleFormProps {
  draft: RuleDraft;
  onChange: (draft: RuleDraft) => void;
  errors: Record<string, string>;
}

const kSeverities: Severity[] = ['low', 'medium', 'high', 'critical'];
const kChannelNames: Record<NotificationChannel, string> = {
  email: 'Email',
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  webhook: 'Webhook',
};
const kChannels = Object.keys(kChannelNames) as NotificationChannel[];
const kHalf = { sm: 'span 3' };
const kThird = { sm: 'span 2' };

function unitAdornment(unit: string) {
  return { input: { endAdornment: <InputAdornment position="end">{unit}</InputAdornment> } };
}

export function RuleForm({ draft, onChange, errors }: RuleFormProps) {
  const devices = useDeviceOptions().data?.devices ?? [];
  const device = devices.find(({ id }) => id === draft.deviceId);
  const fields = useProfile(device?.type).data?.fields ?? [];
  const field = fields.find(({ name }) => name === draft.property);
  const unit = field?.unit ?? '';
  const side = clearSide(draft.operator);
  const set = (change: Partial<RuleDraft>) => {
    onChange({ ...draft, ...change });
  };
  const hint =
    field && `Accepted range ${formatPlain(field.min)} – ${formatPlain(field.max, unit)}`;

  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { sm: 'repeat(6, 1fr)' } }}>
      <TextField
        label="Name"
        autoFocus
        value={draft.name}
        sx={{ gridColumn: '1 / -1' }}
        onChange={(event) => {
          set({ name: event.target.value });
        }}
        {...fieldState(errors, 'name')}
      />
      <Autocomplete
        options={devices}
        value={device ?? null}
        getOptionLabel={({ name, id }) => `${name} (${id})`}
        isOptionEqualToValue={(a, b) => a.id === b.id}
        onChange={(_, chosen) => {
          set({ deviceId: chosen?.id ?? '' });
        }}
        sx={{ gridColumn: kHalf }}
        renderInput={(parameters) => (
          <TextField {...parameters} label="Device" {...fieldState(errors, 'device_id')} />
        )}
      />
      <Autocomplete
        freeSolo
        forcePopupIcon
        options={fields.map(({ name }) => name)}
        getOptionLabel={(name) => name}
        inputValue={draft.property}
        onInputChange={(_, property) => {
          set({ property });
        }}
        sx={{ gridColumn: kHalf }}
        renderInput={(parameters) => (
          <TextField {...parameters} label="Field" {...fieldState(errors, 'property')} />
        )}
        renderOption={({ key, ...item }, name) => (
          <li key={key} {...item}>
            {fieldLabel(name)}
          </li>
        )}
      />
      <SelectField
        label="Is"
        value={draft.operator}
        options={kOperators.map((value) => ({
          value,
          label: `${kOperatorWords[value]} (${value})`,
        }))}
        sx={{ gridColumn: kThird }}
        onChange={(operator) => {
          set({ operator });
        }}
        {...fieldState(errors, 'operator')}
      />
      <TextField
        label="Threshold"
        value={draft.threshold}
        sx={{ gridColumn: kThird }}
        onChange={(event) => {
          set({ threshold: event.target.value });
        }}
        slotProps={{ htmlInput: { inputMode: 'decimal' }, ...unitAdornment(unit) }}
        {...fieldState(errors, 'threshold', hint)}
      />
      <TextField
        label={`Clears ${side ?? ''}`}
        disabled={side === null}
        value={side === null ? '' : draft.clearThreshold}
        sx={{ gridColumn: kThird }}
        onChange={(event) => {
          set({ clearThreshold: event.target.value });
        }}
        slotProps={{ htmlInput: { inputMode: 'decimal' }, ...unitAdornment(unit) }}
        {...fieldState(errors, 'clear_threshold', 'Optional; keeps it from flickering')}
      />
      <SelectField
        label="Severity"
        value={draft.severity}
        options={kSeverities.map((value) => ({ value, label: fieldLabel(value) }))}
        sx={{ gridColumn: kThird }}
        onChange={(severity) => {
          set({ severity });
        }}
        {...fieldState(errors, 'severity')}
      />
      <TextField
        label="Cooldown"
        value={draft.cooldown}
        sx={{ gridColumn: kThird }}
        onChange={(event) => {
          set({ cooldown: event.target.value });
        }}
        slotProps={{ htmlInput: { inputMode: 'numeric' }, ...unitAdornment('min') }}
        {...fieldState(errors, 'cooldown_minutes')}
      />
      <TextField
        select
        label="Notify by"
        value={draft.channels}
        sx={{ gridColumn: kThird }}
        onChange={(event) => {
          set({ channels: event.target.value as unknown as NotificationChannel[] });
        }}
        slotProps={{ select: { multiple: true } }}
        {...fieldState(errors, 'notification_channels')}
      >
        {kChannels.map((channel) => (
          <MenuItem key={channel} value={channel}>
            {kChannelNames[channel]}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        label="Description"
        multiline
        minRows={2}
        value={draft.description}
        sx={{ gridColumn: '1 / -1' }}
        onChange={(event) => {
          set({ description: event.target.value });
        }}
        {...fieldState(errors, 'description')}
      />
      <Box
        aria-live="polite"
        sx={{
          gridColumn: '1 / -1',
          p: 1.75,
          borderRadius: 1,
          bgcolor: 'sunken',
          fontSize: '0.875rem',
        }}
      >
        {summarize(draft, device?.name ?? draft.deviceId, unit) ??
          'Choose a device, a field and a threshold; what the rule does then reads here.'}
      </Box>
    </Box>
  );
}
