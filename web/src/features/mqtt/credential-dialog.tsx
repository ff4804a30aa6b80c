import { Box, TextField } from '@mui/material';
import { useState } from 'react';
import { FormDialog } from '@/components/ui/form-dialog';
import { SecretDialog } from '@/components/ui/secret-dialog';
import { useCreateCredential } from '@/lib/api/mqtt-access';
import { fieldErrors, fieldState } from '@/lib/forms';
import { secretsOf } from './secrets';

/** One topic filter a line; empty lines do not count. */
const filtersOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Makes the credential of a client that is not a device, and shows its password once. */
export function CredentialDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState({ username: '', publish: '', subscribe: '' });
  const create = useCreateCredential();
  const errors = fieldErrors(create.error);

  const input = (field: keyof typeof draft) => ({
    value: draft[field],
    onChange: (event: { target: { value: string } }) => {
      create.reset();
      setDraft({ ...draft, [field]: event.target.value });
    },
  });

  if (create.data) {
    return (
      <SecretDialog
        title={`${create.data.username} may connect`}
        what="password"
        fields={secretsOf(create.data)}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title="New credential"
      save="Create"
      width="sm"
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSave={() => {
        create.mutate({
          username: draft.username.trim(),
          publish: filtersOf(draft.publish),
          subscribe: filtersOf(draft.subscribe),
        });
      }}
    >
      <Box sx={{ color: 'text.secondary', fontSize: '0.875rem' }}>
        For a gateway, a SCADA system or a display. A device gets its own credential on its page.
      </Box>
      <TextField
        label="User name"
        autoFocus
        autoComplete="off"
        {...input('username')}
        {...fieldState(errors, 'username', 'Letters, digits, dash, dot, underscore')}
      />
      <TextField
        label="May publish to"
        multiline
        minRows={2}
        placeholder="devices/+/telemetry"
        {...input('publish')}
        {...fieldState(errors, 'publish', 'One topic filter a line; + and # stand for levels')}
      />
      <TextField
        label="May subscribe to"
        multiline
        minRows={2}
        placeholder={'devices/#\nclients/%c/commands'}
        {...input('subscribe')}
        {...fieldState(errors, 'subscribe', '%u stands for its user name, %c for its client id')}
      />
    </FormDialog>
  );
}
