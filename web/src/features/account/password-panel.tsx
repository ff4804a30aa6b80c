import { Alert, Box, Button, TextField } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { Panel } from '@/components/ui/panel';
import { useChangePassword } from '@/lib/api/accounts';
import { errorMessage } from '@/lib/api/error';
import { fieldErrors, fieldState } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';

const kEmpty = { current_password: '', new_password: '', again: '' };

export function PasswordPanel() {
  const change = useChangePassword();
  const notify = useNotify();
  const [draft, setDraft] = useState(kEmpty);
  const errors = fieldErrors(change.error);
  const differs = draft.again !== '' && draft.again !== draft.new_password;
  const field = (name: keyof typeof draft, label: string, hint?: string) => (
    <TextField
      label={label}
      type="password"
      autoComplete={name === 'current_password' ? 'current-password' : 'new-password'}
      value={draft[name]}
      onChange={(event) => {
        setDraft({ ...draft, [name]: event.target.value });
      }}
      {...fieldState(
        { ...errors, ...(differs ? { again: 'differs from the new password' } : {}) },
        name,
        hint,
      )}
    />
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const { current_password, new_password } = draft;
    change.mutate(
      { current_password, new_password },
      {
        onSuccess: () => {
          setDraft(kEmpty);
          notify('success', 'Your password is changed. Your other sessions are over.');
        },
      },
    );
  }
  return (
    <Panel title="Password" subtitle="Changing it signs you out everywhere else.">
      <Box component="form" onSubmit={submit} noValidate sx={{ display: 'grid', gap: 2 }}>
        {change.isError && Object.keys(errors).length === 0 && (
          <Alert severity="error">{errorMessage(change.error)}</Alert>
        )}
        {field('current_password', 'Present password')}
        {field('new_password', 'New password', '8 to 72 bytes: a few words are easy to keep.')}
        {field('again', 'New password again')}
        <Button
          type="submit"
          variant="contained"
          loading={change.isPending}
          disabled={
            draft.current_password === '' ||
            draft.new_password === '' ||
            draft.again === '' ||
            differs
          }
          sx={{ justifySelf: 'start' }}
        >
          Change password
        </Button>
      </Box>
    </Panel>
  );
}
