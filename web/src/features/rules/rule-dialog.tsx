import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { errorMessage } from '@/lib/api/error';
import { useRuleChange } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { fieldErrors } from '@/lib/forms';
import { useNotify } from '@/lib/store/hooks';
import { checkRule, draftOfRule, kEmptyRule, ruleOf } from './rule-draft';
import { RuleForm } from './rule-form';

interface RuleDialogProps {
  /** The rule to edit; null for a new one. */
  rule: Rule | null;
  onClose: () => void;
}

export function RuleDialog({ rule, onClose }: RuleDialogProps) {
  const [draft, setDraft] = useState(rule ? draftOfRule(rule) : kEmptyRule);
  const [tried, setTried] = useState(false);
  const change = useRuleChange();
  const notify = useNotify();
  const own = tried ? checkRule(draft) : {};
  const errors = { ...fieldErrors(change.error), ...own };

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(checkRule(draft)).length > 0) return;
    const values = ruleOf(draft);
    change.mutate(
      rule
        ? { kind: 'update', id: rule.id, rule: { ...values, version: rule.version } }
        : { kind: 'create', rule: values },
      {
        onSuccess: () => {
          notify('success', rule ? 'The rule was saved.' : 'The rule was created and is active.');
          onClose();
        },
      },
    );
  }

  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="sm"
      slotProps={{ paper: { component: 'form', onSubmit: submit, noValidate: true } as object }}
    >
      <DialogTitle>{rule ? 'Edit rule' : 'New rule'}</DialogTitle>
      <DialogContent>
        {change.isError && Object.keys(fieldErrors(change.error)).length === 0 && (
          <Alert severity="error" sx={{ mb: 1 }}>
            {errorMessage(change.error)}
          </Alert>
        )}
        <RuleForm draft={draft} onChange={setDraft} errors={errors} />
      </DialogContent>
      <DialogActions>
        <Button color="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="contained" loading={change.isPending}>
          {rule ? 'Save' : 'Create rule'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
