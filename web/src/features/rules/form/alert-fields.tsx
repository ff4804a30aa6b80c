import { Box, MenuItem, TextField } from '@mui/material';
import { SelectField } from '@/components/ui/select-field';
import type { NotificationChannel } from '@/lib/api/types';
import { fieldState } from '@/lib/forms';
import { kSeverityOptions } from './level-fields';
import type { FormPart } from './part';

const kChannelNames: Record<NotificationChannel, string> = {
  email: 'Email',
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  webhook: 'Webhook',
};
const kChannels = Object.keys(kChannelNames) as NotificationChannel[];

/** How severe it is, who hears of it, and what it is called. */
export function AlertFields({ draft, set, errors, suggested }: FormPart & { suggested: string }) {
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { sm: '1fr 1fr' } }}>
      <SelectField
        label="Severity"
        value={draft.severity}
        options={kSeverityOptions}
        onChange={(severity) => {
          set({ severity });
        }}
        {...fieldState(errors, 'severity')}
      />
      <TextField
        select
        label="Notify by"
        value={draft.channels}
        onChange={(event) => {
          set({ channels: event.target.value as unknown as NotificationChannel[] });
        }}
        slotProps={{
          inputLabel: { shrink: true },
          select: {
            multiple: true,
            displayEmpty: true,
            notched: true,
            renderValue: (chosen) => {
              const channels = chosen as NotificationChannel[];
              if (channels.length === 0) return 'Nobody; it shows on this page';
              return channels.map((channel) => kChannelNames[channel]).join(', ');
            },
          },
        }}
        {...fieldState(errors, 'notification_channels')}
      >
        {kChannels.map((channel) => (
          <MenuItem key={channel} value={channel}>
            {kChannelNames[channel]}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        label="Name"
        value={draft.name}
        placeholder={suggested}
        onChange={(event) => {
          set({ name: event.target.value });
        }}
        slotProps={{ inputLabel: { shrink: true } }}
        sx={{ gridColumn: '1 / -1' }}
        {...fieldState(
          errors,
          'name',
          draft.name === '' ? 'Left empty, it is called so' : undefined,
        )}
      />
    </Box>
  );
}
