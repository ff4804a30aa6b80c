import { Alert, Box, Button, TextField } from '@mui/material';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { FormDialog } from '@/components/ui/form-dialog';
import { useProfileCheck, useSaveProfile } from '@/lib/api/profiles';
import type { Profile } from '@/lib/api/types';
import { fieldErrors, fieldState } from '@/lib/forms';
import { useDebounced } from '@/lib/hooks/use-debounced';
import { useNotify } from '@/lib/store/hooks';
import { FieldRow } from './field-row';
import { Impact } from './impact';
import {
  changeOf,
  draftOfProfile,
  emptyField,
  errorsByRow,
  inputsOf,
  type FieldDraft,
} from './profile-draft';

interface ProfileDialogProps {
  /** The profile to edit; null for a new one. */
  profile: Profile | null;
  onClose: () => void;
}

/** Each change is checked by the server as it is typed: what is wrong, and what saving would do to rules. */
export function ProfileDialog({ profile, onClose }: ProfileDialogProps) {
  const [draft, setDraft] = useState(() => draftOfProfile(profile));
  // What was stored is judged at once, new rows as they are filled in.
  const [left, setLeft] = useState<ReadonlySet<string>>(
    () => new Set(profile ? draft.fields.flatMap(inputsOf) : []),
  );
  const [tried, setTried] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const [added, setAdded] = useState(0);
  const save = useSaveProfile();
  const notify = useNotify();

  const settled = useDebounced(draft, 300);
  const check = useProfileCheck(changeOf(settled, profile?.version));
  const checked = settled === draft && !check.isFetching;
  const impact = check.data?.impact;
  const broken = (impact?.broken_rules.length ?? 0) > 0;

  const all = errorsByRow(fieldErrors(check.error), settled.fields);
  const shown = Object.fromEntries(
    Object.entries(all).filter(([path]) => tried || left.has(path) || path === 'fields'),
  );

  const leave = (path: string) => {
    setLeft((before) => new Set([...before, path]));
  };
  const setFields = (fields: FieldDraft[]) => {
    setAccepted(false);
    save.reset();
    setDraft({ ...draft, fields });
  };

  function submit() {
    setTried(true);
    if (!checked || check.isError || (broken && !accepted)) return;
    save.mutate(
      { change: changeOf(draft, profile?.version), force: broken },
      {
        onSuccess: ({ type }) => {
          notify('success', profile ? `The profile of ${type} was saved.` : `${type} was added.`);
          onClose();
        },
      },
    );
  }

  return (
    <FormDialog
      title={profile ? `Edit ${profile.type}` : 'New profile'}
      save={profile ? 'Save' : 'Add profile'}
      width="lg"
      busy={save.isPending}
      disabled={broken && !accepted}
      error={save.error ?? (Object.keys(all).length === 0 ? check.error : null)}
      note={
        <>
          {!checked && 'Checking…'}
          {checked && tried && check.isError && 'Some entries need a correction'}
          {checked && broken && !accepted && 'Rules would stop working: see below the fields'}
        </>
      }
      onSave={submit}
      onClose={onClose}
    >
      <div>
        {!profile && (
          <TextField
            label="Device type"
            autoFocus
            value={draft.type}
            sx={{ mb: 1, width: { xs: '100%', sm: 320 } }}
            onChange={(event) => {
              save.reset();
              setDraft({ ...draft, type: event.target.value });
            }}
            onBlur={() => {
              leave('type');
            }}
            {...fieldState(shown, 'type', 'As devices name it, such as screw_compressor')}
          />
        )}
        <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem', mb: 1 }}>
          A reading outside min – max is rejected; outside its nominal range it is accepted and
          flagged.
        </Box>
        {draft.fields.map((field, index) => (
          <FieldRow
            key={field.key}
            field={field}
            position={index + 1}
            autoFocus={field.key === added}
            errors={shown}
            onLeave={leave}
            onChange={(next) => {
              setFields(draft.fields.map((other) => (other.key === next.key ? next : other)));
            }}
            onRemove={() => {
              setFields(draft.fields.filter((other) => other.key !== field.key));
            }}
          />
        ))}
        {shown.fields !== undefined && (
          <Alert severity="error" sx={{ my: 1 }}>
            Fields {shown.fields}
          </Alert>
        )}
        <Button
          color="secondary"
          variant="outlined"
          startIcon={<Plus size={16} />}
          sx={{ mb: 2 }}
          onClick={() => {
            const field = emptyField();
            setAdded(field.key);
            setFields([...draft.fields, field]);
          }}
        >
          Add field
        </Button>
        {impact && !check.isError && (
          <Impact impact={impact} accepted={accepted} onAccept={setAccepted} />
        )}
      </div>
    </FormDialog>
  );
}
