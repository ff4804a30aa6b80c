import { Alert, Box, Button, TextField } from '@mui/material';
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { SelectField } from '@/components/ui/select-field';
import { errorMessage } from '@/lib/api/error';
import { useAddMqttRule } from '@/lib/api/mqtt-access';
import type { MqttRule } from '@/lib/api/types';
import { fieldErrors, fieldState } from '@/lib/forms';

const kActions = [
  { value: 'publish', label: 'Publish' },
  { value: 'subscribe', label: 'Subscribe' },
  { value: 'all', label: 'Both' },
] as const;
const kEffects = [
  { value: 'allow', label: 'Allow' },
  { value: 'deny', label: 'Deny' },
] as const;
const kEmpty = { topic: '', action: 'subscribe', effect: 'allow' } as const;

/** Adds a rule to a credential. */
export function AccessRuleForm({ username }: { username: string }) {
  const [draft, setDraft] = useState<{
    topic: string;
    action: MqttRule['action'];
    effect: MqttRule['effect'];
  }>(kEmpty);
  const add = useAddMqttRule();
  const errors = fieldErrors(add.error);
  const set = (change: Partial<typeof draft>) => {
    add.reset();
    setDraft({ ...draft, ...change });
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    add.mutate(
      { username, ...draft, topic: draft.topic.trim() },
      {
        onSuccess: () => {
          setDraft(kEmpty);
        },
      },
    );
  }

  return (
    <Box component="form" noValidate onSubmit={submit} sx={{ display: 'grid', gap: 1.5 }}>
      {add.isError && Object.keys(errors).length === 0 && (
        <Alert severity="error">{errorMessage(add.error)}</Alert>
      )}
      <TextField
        label="Topic filter"
        value={draft.topic}
        onChange={(event) => {
          set({ topic: event.target.value });
        }}
        {...fieldState(
          errors,
          'topic',
          '+ stands for one level, # for all that follow; %u for the user name, %c for the client id',
        )}
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        <SelectField
          label="Effect"
          value={draft.effect}
          options={kEffects}
          onChange={(effect) => {
            set({ effect });
          }}
          sx={{ flex: 1 }}
          {...fieldState(errors, 'effect')}
        />
        <SelectField
          label="Action"
          value={draft.action}
          options={kActions}
          onChange={(action) => {
            set({ action });
          }}
          sx={{ flex: 1 }}
          {...fieldState(errors, 'action')}
        />
        <Button
          type="submit"
          variant="outlined"
          color="secondary"
          startIcon={<Plus size={15} />}
          loading={add.isPending}
          sx={{ flex: { xs: '1 1 100%', sm: '0 0 auto' } }}
        >
          Add rule
        </Button>
      </Box>
    </Box>
  );
}
