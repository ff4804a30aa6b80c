import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  TextField,
} from '@mui/material';
import { useState, type FormEvent } from 'react';
import { errorMessage } from '@/lib/api/error';
import { useCreateCredential } from '@/lib/api/mqtt-access';
import { fieldErrors, fieldState } from '@/lib/forms';
import { IssuedCredential } from './issued-credential';

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
  const issued = create.data;
  const errors = fieldErrors(create.error);

  const input = (field: keyof typeof draft) => ({
    value: draft[field],
    onChange: (event: { target: { value: string } }) => {
      create.reset();
      setDraft({ ...draft, [field]: event.target.value });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate({
      username: draft.username.trim(),
      publish: filtersOf(draft.publish),
      subscribe: filtersOf(draft.subscribe),
    });
  }

  return (
    <Dialog
      open
      onClose={issued ? undefined : onClose}
      fullWidth
      maxWidth="sm"
      slotProps={{ paper: { component: 'form', onSubmit: submit, noValidate: true } as object }}
    >
      <DialogTitle>{issued ? `${issued.username} may connect` : 'New credential'}</DialogTitle>
      <DialogContent>
        {create.isError && Object.keys(errors).length === 0 && (
          <Alert severity="error" sx={{ mb: 1 }}>
            {errorMessage(create.error)}
          </Alert>
        )}
        {issued ? (
          <IssuedCredential issued={issued} />
        ) : (
          <Box sx={{ display: 'grid', gap: 2, pt: 1 }}>
            <Box sx={{ color: 'text.secondary', fontSize: '0.875rem' }}>
              For a gateway, a SCADA system or a display. A device gets its own credential on its
              page.
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
              {...fieldState(
                errors,
                'publish',
                'One topic filter a line; + and # stand for levels',
              )}
            />
            <TextField
              label="May subscribe to"
              multiline
              minRows={2}
              placeholder={'devices/#\nclients/%c/commands'}
              {...input('subscribe')}
              {...fieldState(
                errors,
                'subscribe',
                '%u stands for its user name, %c for its client id',
              )}
            />
          </Box>
        )}
      </DialogContent>
      <DialogActions>
        {issued ? (
          <Button variant="contained" onClick={onClose}>
            I have kept it
          </Button>
        ) : (
          <>
            <Button color="secondary" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" variant="contained" loading={create.isPending}>
              Create
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}
