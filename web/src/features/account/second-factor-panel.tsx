import { Alert, Box, Button, Skeleton, TextField, Typography } from '@mui/material';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Pill } from '@/components/ui/chips';
import { CopyField } from '@/components/ui/copy-field';
import { Panel } from '@/components/ui/panel';
import { ErrorState } from '@/components/ui/states';
import {
  useBeginSecondFactor,
  useConfirmSecondFactor,
  useDisableSecondFactor,
  useSecondFactor,
} from '@/lib/api/accounts';
import { errorMessage } from '@/lib/api/error';
import type { Enrolment } from '@/lib/api/types';
import { fieldErrors, fieldState } from '@/lib/forms';
import { QrPicture } from './qr-picture';

type Confirmation = ReturnType<typeof useConfirmSecondFactor>;

interface OneFieldProps {
  name: 'password' | 'code';
  label: string;
  save: string;
  busy: boolean;
  error: unknown;
  onSave: (text: string) => void;
  children?: ReactNode;
}

/** A form of one field. */
function OneField({ name, label, save, busy, error, onSave, children }: OneFieldProps) {
  const [text, setText] = useState('');
  const errors = fieldErrors(error);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSave(text);
  }
  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: 'grid', gap: 2 }}>
      {children}
      {error !== null && Object.keys(errors).length === 0 && (
        <Alert severity="error">{errorMessage(error)}</Alert>
      )}
      <TextField
        label={label}
        value={text}
        type={name === 'password' ? 'password' : 'text'}
        autoComplete={name === 'password' ? 'current-password' : 'one-time-code'}
        onChange={(event) => {
          setText(event.target.value);
        }}
        slotProps={{ htmlInput: name === 'code' ? { inputMode: 'numeric' } : {} }}
        {...fieldState(errors, name)}
      />
      <Button
        type="submit"
        variant="contained"
        loading={busy}
        disabled={text === ''}
        sx={{ justifySelf: 'start' }}
      >
        {save}
      </Button>
    </Box>
  );
}

function Confirm({ enrolment, confirm }: { enrolment: Enrolment; confirm: Confirmation }) {
  return (
    <OneField
      name="code"
      label="Code"
      save="Turn on"
      busy={confirm.isPending}
      error={confirm.error}
      onSave={confirm.mutate}
    >
      <Typography variant="body2" color="textSecondary">
        Scan the picture with an authenticator, or type the key into it. Then enter the code that it
        shows.
      </Typography>
      <QrPicture text={enrolment.uri} label="QR code for the authenticator" />
      <CopyField label="Key" value={enrolment.secret} />
    </OneField>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Alert severity="warning">
        Keep these recovery codes now: they are shown this once. Each signs you in once when the
        authenticator is not at hand.
      </Alert>
      <Box
        component="ul"
        data-testid="recovery-codes"
        sx={{
          m: 0,
          p: 0,
          listStyle: 'none',
          display: 'grid',
          gap: 0.5,
          gridTemplateColumns: 'repeat(2, max-content)',
          columnGap: 4,
          fontFamily: 'monospace',
        }}
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </Box>
      <Button variant="contained" onClick={onClose} sx={{ justifySelf: 'start' }}>
        I have kept them
      </Button>
    </Box>
  );
}

function TurnOff() {
  const disable = useDisableSecondFactor();
  return (
    <OneField
      name="password"
      label="Your password"
      save="Turn off"
      busy={disable.isPending}
      error={disable.error}
      onSave={disable.mutate}
    />
  );
}

function Content({ enabled }: { enabled: boolean }) {
  const begin = useBeginSecondFactor();
  const confirm = useConfirmSecondFactor();
  if (confirm.data) {
    return (
      <RecoveryCodes
        codes={confirm.data.recovery_codes}
        onClose={() => {
          confirm.reset();
          begin.reset();
        }}
      />
    );
  }
  if (enabled) return <TurnOff />;
  if (begin.data) return <Confirm enrolment={begin.data} confirm={confirm} />;
  return (
    <OneField
      name="password"
      label="Your password"
      save="Set up"
      busy={begin.isPending}
      error={begin.error}
      onSave={begin.mutate}
    >
      <Typography variant="body2" color="textSecondary">
        Signing in then takes a code of an authenticator on your phone as well.
      </Typography>
    </OneField>
  );
}

export function SecondFactorPanel() {
  const query = useSecondFactor();
  const state = query.data;
  const left = state?.recovery_codes_left ?? 0;
  return (
    <Panel
      title="Second factor"
      actions={
        state && (
          <Pill color={state.enabled ? 'success.main' : 'text.secondary'} hollow={!state.enabled}>
            {state.enabled ? 'On' : 'Off'}
          </Pill>
        )
      }
      subtitle={state?.enabled && `${left} recovery ${left === 1 ? 'code' : 'codes'} left`}
    >
      {query.isError && !state && (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Skeleton variant="rounded" height={120} />}
      {state && <Content enabled={state.enabled} />}
    </Panel>
  );
}
