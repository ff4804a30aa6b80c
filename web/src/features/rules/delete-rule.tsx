import { Button } from '@mui/material';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useRuleChange } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { useNotify } from '@/lib/store/hooks';
import { useStatusChange } from './use-rule-change';

interface DeleteRuleProps {
  rule: Rule;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Its alerts go with a rule, so this asks first, and offers what can be taken back. */
export function DeleteRule({ rule, onClose, onDeleted }: DeleteRuleProps) {
  const remove = useRuleChange();
  const status = useStatusChange(rule);
  const notify = useNotify();
  return (
    <ConfirmDialog
      open
      title={`Delete ${rule.name}?`}
      confirm="Delete rule"
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(
          { kind: 'delete', id: rule.id },
          {
            onSuccess: () => {
              notify('success', `${rule.name} was deleted.`);
              onClose();
              onDeleted?.();
            },
          },
        );
      }}
    >
      Its alerts, past ones too, go with it, and nothing brings them back. An archived rule stops as
      well but keeps them.
      {rule.status !== 'archived' && (
        <div>
          <Button
            color="secondary"
            variant="outlined"
            sx={{ mt: 1.5 }}
            onClick={() => {
              status.change('archived');
              onClose();
            }}
          >
            Archive instead
          </Button>
        </div>
      )}
    </ConfirmDialog>
  );
}
