import { errorMessage } from '@/lib/api/error';
import { useRuleChange } from '@/lib/api/rules';
import type { Rule, RuleStatus } from '@/lib/api/types';
import { useNotify } from '@/lib/store/hooks';

const kDone: Record<RuleStatus, string> = {
  active: 'is active',
  paused: 'is paused',
  archived: 'is archived',
};

/** Pauses, activates or archives a rule at once; the notice of it offers the way back. */
export function useStatusChange(rule: Rule) {
  const { mutateAsync, isPending } = useRuleChange();
  const notify = useNotify();
  // By promises: the row may be gone from a filtered list before the answer is told.
  const set = async (status: RuleStatus, back: RuleStatus | null) => {
    try {
      await mutateAsync({ kind: 'status', id: rule.id, status });
      const undo = back === null ? undefined : () => void set(back, null);
      notify('success', `${rule.name} ${kDone[status]}.`, undo);
    } catch (error) {
      notify('error', errorMessage(error));
    }
  };
  return {
    pending: isPending,
    change: (status: RuleStatus) => void set(status, rule.status),
  };
}
