import { Box, FormControlLabel, Switch, TextField } from '@mui/material';
import { fieldState } from '@/lib/forms';
import type { RuleDraft } from '../draft/rule-draft';
import { NumberField } from './number-field';
import type { FormPart } from './part';

export const kOtherErrors = /^cooldown_minutes|^description|^auto_resolve/;

export function otherWords(draft: RuleDraft): string {
  const parts = [
    `Cooldown ${draft.cooldown || '…'} min`,
    draft.autoResolve ? 'resolves by itself' : 'stays open until resolved',
    draft.description.trim() !== '' && 'described',
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Cooldown, end of an alert, and what the rule is for. */
export function OtherFields({ draft, set, errors }: FormPart) {
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <NumberField
        label="Cooldown"
        unit="min"
        value={draft.cooldown}
        onChange={(cooldown) => {
          set({ cooldown });
        }}
        sx={{ maxWidth: { sm: 320 } }}
        {...fieldState(errors, 'cooldown_minutes', 'Raised again within it, nobody is notified')}
      />
      <FormControlLabel
        control={
          <Switch
            checked={draft.autoResolve}
            onChange={(_, autoResolve) => {
              set({ autoResolve });
            }}
          />
        }
        label="Alerts resolve by themselves once the condition is over"
        sx={{ m: 0, gap: 1.25, '& .MuiTypography-root': { fontSize: '0.8438rem' } }}
      />
      <TextField
        label="Description"
        multiline
        minRows={2}
        value={draft.description}
        onChange={(event) => {
          set({ description: event.target.value });
        }}
        {...fieldState(errors, 'description', 'What to do when it triggers, say')}
      />
    </Box>
  );
}
