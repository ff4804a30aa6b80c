import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/lib/api/error';
import { ruleQuery, useRuleChange } from '@/lib/api/rules';
import type { Rule } from '@/lib/api/types';
import { fieldErrors } from '@/lib/forms';
import { draftOfRule, type RuleDraft } from './draft/rule-draft';
import { checkRule, placeErrors, ruleOf } from './draft/rule-request';

/** How the API's names begin for the parts of a draft that are not called alike. */
const kApiNames: Partial<Record<keyof RuleDraft, string>> = {
  target: 'device_',
  hold: 'for_s',
  clearHold: 'clear_for_s',
  autoResolve: 'auto_resolve',
  cooldown: 'cooldown_minutes',
  channels: 'notification_channels',
};

/** The errors of what was not changed since the server spoke of it. */
function without(errors: Record<string, string>, changed: ReadonlySet<string>) {
  const prefixes = [...changed];
  return Object.fromEntries(
    Object.entries(errors).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))),
  );
}

/**
 * A rule being written: its draft, what is wrong with it, and its way to the server. `stored`: the rule that is edited,
 * as it was when editing began; null for a new one.
 */
export function useRuleDraft(stored: Rule | null, initial: RuleDraft) {
  const client = useQueryClient();
  const [base, setBase] = useState({ draft: initial, version: stored?.version });
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState(false);
  // What a backtest was refused for concerns the same fields.
  const [refused, setRefused] = useState<unknown>(null);
  const [mended, setMended] = useState<ReadonlySet<string>>(new Set());
  const change = useRuleChange();

  const missing = checkRule(draft);
  const said = placeErrors({ ...fieldErrors(refused), ...fieldErrors(change.error) });
  const errors = { ...without(said, mended), ...(tried ? missing : {}) };

  /** Whether it can be sent; if not, the fields say why from now on. */
  function check(): boolean {
    setTried(true);
    setRefused(null);
    setMended(new Set());
    change.reset();
    return Object.keys(missing).length === 0;
  }

  function edit(part: Partial<RuleDraft>) {
    const names = Object.keys(part).map((key) => kApiNames[key as keyof RuleDraft] ?? key);
    setMended((before) => new Set([...before, ...names]));
    setDraft((before) => ({ ...before, ...part }));
  }

  /** `name`: where none is typed. */
  const save = (name: string, version: number | undefined = base.version): Promise<Rule> => {
    const rule = ruleOf(draft, name);
    return change.mutateAsync(
      stored
        ? { kind: 'update', id: stored.id, rule: { ...rule, version } }
        : { kind: 'create', rule },
    ) as Promise<Rule>;
  };

  /** The rule as somebody else left it. */
  const newest = (id: string) => client.fetchQuery({ ...ruleQuery(id), staleTime: 0 });

  return {
    draft,
    errors,
    edit,
    check,
    refuse: setRefused,
    save,
    saving: change.isPending,
    error: change.error,
    changed: JSON.stringify(draft) !== JSON.stringify(base.draft),
    conflict: change.error instanceof ApiError && change.error.status === 409,
    /** Gives up the changes for what is stored now. */
    takeStored: async () => {
      if (!stored) return;
      const rule = await newest(stored.id);
      const fresh = draftOfRule(rule);
      change.reset();
      setBase({ draft: fresh, version: rule.version });
      setDraft(fresh);
    },
    /** Saves over what somebody else has stored meanwhile. */
    saveOver: async (name: string) => {
      if (!stored) return;
      await save(name, (await newest(stored.id)).version);
    },
  };
}
