import { useState } from 'react';
import { FormDialog } from '@/components/ui/form-dialog';
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

  function save() {
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
    <FormDialog
      title={rule ? 'Edit rule' : 'New rule'}
      save={rule ? 'Save' : 'Create rule'}
      width="sm"
      busy={change.isPending}
      error={change.error}
      onSave={save}
      onClose={onClose}
    >
      <RuleForm draft={draft} onChange={setDraft} errors={errors} />
    </FormDialog>
  );
}
