import {
  Checkbox,
  FormControl,
  FormControlLabel,
  FormGroup,
  FormHelperText,
  FormLabel,
  MenuItem,
  TextField,
} from '@mui/material';
import { useState } from 'react';
import { FormDialog } from '@/components/ui/form-dialog';
import { SecretDialog } from '@/components/ui/secret-dialog';
import { useCreateApiKey } from '@/lib/api/accounts';
import { ApiError, errorMessage } from '@/lib/api/error';
import type { Scope } from '@/lib/api/types';
import { fieldErrors, fieldState } from '@/lib/forms';
import { kScopes } from './scopes';

const kLives = [
  { days: 0, label: 'Never' },
  { days: 30, label: 'In 30 days' },
  { days: 90, label: 'In 90 days' },
  { days: 365, label: 'In a year' },
];
const kDayMs = 86_400_000;

/** Makes an API key, which is shown here once. */
export function ApiKeyDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateApiKey();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['read_telemetry']);
  const [days, setDays] = useState(0);
  if (create.data) {
    return (
      <SecretDialog
        title={`Key ${create.data.api_key.name}`}
        what="key"
        fields={[{ label: 'API key', value: create.data.secret }]}
        onClose={onClose}
      />
    );
  }
  const taken = create.error instanceof ApiError && create.error.code === 'CONFLICT';
  const errors = taken ? { name: errorMessage(create.error) } : fieldErrors(create.error);
  return (
    <FormDialog
      title="New API key"
      save="Make key"
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSave={() => {
        const expires = new Date(Date.now() + days * kDayMs).toISOString();
        create.mutate({
          name: name.trim(),
          scopes: [...scopes],
          ...(days > 0 ? { expires_at: expires } : {}),
        });
      }}
    >
      <TextField
        label="Name"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
        }}
        {...fieldState(errors, 'name', 'What uses it: grafana, say.')}
      />
      <FormControl error={errors.scopes !== undefined} component="fieldset">
        <FormLabel component="legend">It may</FormLabel>
        <FormGroup>
          {kScopes.map(({ scope, label }) => (
            <FormControlLabel
              key={scope}
              label={label}
              control={
                <Checkbox
                  checked={scopes.includes(scope)}
                  onChange={(_, checked) => {
                    setScopes(
                      checked ? [...scopes, scope] : scopes.filter((known) => known !== scope),
                    );
                  }}
                />
              }
            />
          ))}
        </FormGroup>
        {errors.scopes !== undefined && <FormHelperText>{errors.scopes}</FormHelperText>}
      </FormControl>
      <TextField
        select
        label="Expires"
        value={days}
        onChange={(event) => {
          setDays(Number(event.target.value));
        }}
      >
        {kLives.map((life) => (
          <MenuItem key={life.days} value={life.days}>
            {life.label}
          </MenuItem>
        ))}
      </TextField>
    </FormDialog>
  );
}
