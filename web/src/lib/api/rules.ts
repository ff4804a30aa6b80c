import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api } from './instance';
import type { Rule, RuleCreate, RuleList, RuleQuery, RuleStatus, RuleUpdate } from './types';

export const rulesQuery = (query: RuleQuery) =>
  queryOptions({
    queryKey: ['rules', 'list', query],
    queryFn: ({ signal }) => api.get<RuleList>('/api/rules', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const useRules = (query: RuleQuery) => useQuery(rulesQuery(query));

export type RuleChange =
  | { kind: 'create'; rule: RuleCreate }
  | { kind: 'update'; id: string; rule: RuleUpdate }
  | { kind: 'status'; id: string; status: RuleStatus }
  | { kind: 'delete'; id: string };

function send(change: RuleChange): Promise<Rule | { message: string }> {
  switch (change.kind) {
    case 'create':
      return api.post<Rule>('/api/rules', change.rule);
    case 'update':
      return api.put<Rule>(`/api/rules/${change.id}`, change.rule);
    case 'status':
      return api.patch<Rule>(`/api/rules/${change.id}/status`, { status: change.status });
    case 'delete':
      return api.delete<{ message: string }>(`/api/rules/${change.id}`);
  }
}

export function useRuleChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['rules'] }),
        client.invalidateQueries({ queryKey: ['alerts'] }),
      ]),
  });
}
