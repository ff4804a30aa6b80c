import { useAllRules, useRules } from '@/lib/api/rules';
import type { ConditionKind, Rule, RuleQuery } from '@/lib/api/types';

export const hasKind = (rule: Rule, kind: ConditionKind) =>
  rule.conditions.some((condition) => condition.kind === kind);

/**
 * One page of the rules that fit. The server does not know of the kinds of conditions: to filter by one, all rules are
 * fetched and the page is cut here.
 */
export function useRuleListing(
  query: RuleQuery & { page: number; page_size: number },
  kind: ConditionKind | undefined,
) {
  const { page, page_size: size, ...filters } = query;
  const paged = useRules(query, kind === undefined);
  const all = useAllRules(filters, kind !== undefined);
  if (kind === undefined) return { query: paged, data: paged.data };
  const rules = all.data?.filter((rule) => hasKind(rule, kind));
  const data = rules && {
    rules: rules.slice((page - 1) * size, page * size),
    total: rules.length,
  };
  return { query: { ...all, data }, data };
}
