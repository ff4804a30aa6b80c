import { TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { capitalize } from '@/components/ui/chips';
import { FormDialog } from '@/components/ui/form-dialog';
import { SelectField } from '@/components/ui/select-field';
import { useUserChange } from '@/lib/api/accounts';
import { ApiError, errorMessage } from '@/lib/api/error';
import type { Role, User } from '@/lib/api/types';
import { fieldErrors, fieldState } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';

const kRoles: readonly { role: Role; may: string }[] = [
  { role: 'viewer', may: 'Looks at everything' },
  { role: 'engineer', may: 'Edits devices and rules, handles alerts' },
  { role: 'admin', may: 'Keeps devices, users and keys as well' },
];

function RoleField({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  return (
    <SelectField
      label="Role"
      value={role}
      options={kRoles.map((known) => ({ value: known.role, label: capitalize(known.role) }))}
      helperText={kRoles.find((known) => known.role === role)?.may}
      onChange={onChange}
    />
  );
}

interface DialogProps {
  onClose: () => void;
}

export function CreateUserDialog({ onClose }: DialogProps) {
  const change = useUserChange();
  const notify = useNotify();
  const [user, setUser] = useState({ email: '', full_name: '', password: '' });
  const [role, setRole] = useState<Role>('viewer');
  const taken = change.error instanceof ApiError && change.error.code === 'CONFLICT';
  const errors = taken ? { email: errorMessage(change.error) } : fieldErrors(change.error);
  const field = (name: keyof typeof user, label: string, type: string, hint?: string) => (
    <TextField
      label={label}
      type={type}
      value={user[name]}
      autoComplete={type === 'password' ? 'new-password' : 'off'}
      onChange={(event) => {
        setUser({ ...user, [name]: event.target.value });
      }}
      {...fieldState(errors, name, hint)}
    />
  );
  return (
    <FormDialog
      title="Add a user"
      save="Add user"
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSave={() => {
        const sent = { ...user, email: user.email.trim(), full_name: user.full_name.trim(), role };
        change.mutate(
          { kind: 'create', user: sent },
          {
            onSuccess: () => {
              notify('success', `${sent.full_name} was added. Hand over the password.`);
              onClose();
            },
          },
        );
      }}
    >
      {field('full_name', 'Name', 'text')}
      {field('email', 'Email', 'email')}
      <RoleField role={role} onChange={setRole} />
      {field('password', 'First password', 'password', '8 to 72 bytes. The user can change it.')}
    </FormDialog>
  );
}

export function EditUserDialog({ user, onClose }: DialogProps & { user: User }) {
  const change = useUserChange();
  const notify = useNotify();
  const [name, setName] = useState(user.full_name);
  const [role, setRole] = useState(user.role);
  return (
    <FormDialog
      title={`Edit ${user.full_name}`}
      save="Save"
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSave={() => {
        change.mutate(
          {
            kind: 'update',
            id: user.id,
            user: { full_name: name.trim(), role, version: user.version },
          },
          {
            onSuccess: () => {
              notify('success', 'The user was saved.');
              onClose();
            },
          },
        );
      }}
    >
      <TextField
        label="Name"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
        }}
        {...fieldState(fieldErrors(change.error), 'full_name')}
      />
      <RoleField role={role} onChange={setRole} />
    </FormDialog>
  );
}

export function ResetPasswordDialog({ user, onClose }: DialogProps & { user: User }) {
  const change = useUserChange();
  const notify = useNotify();
  const [password, setPassword] = useState('');
  return (
    <FormDialog
      title={`New password for ${user.full_name}`}
      save="Set password"
      busy={change.isPending}
      disabled={password === ''}
      error={change.error}
      onClose={onClose}
      onSave={() => {
        change.mutate(
          { kind: 'password', id: user.id, password },
          {
            onSuccess: () => {
              notify('success', `The password of ${user.full_name} is set.`);
              onClose();
            },
          },
        );
      }}
    >
      <Typography variant="body2" color="textSecondary">
        The user is signed out everywhere and signs in with the new password.
      </Typography>
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
        {...fieldState(fieldErrors(change.error), 'password', '8 to 72 bytes')}
      />
    </FormDialog>
  );
}
