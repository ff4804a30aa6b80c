import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api } from './instance';
import type {
  Backtest,
  Rule,
  RuleCreate,
  RuleExplanation,
  RuleList,
  RuleQuery,
  RuleStatus,
  RuleUpdate,
} from './types';

export const rulesQuery = (query: RuleQuery) =>
  queryOptions({
    queryKey: ['rules', 'list', query],
    queryFn: ({ signal }) => api.get<RuleList>('/api/rules', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const useRules = (query: RuleQuery, enabled = true) =>
  useQuery({ ...rulesQuery(query), enabled });

const kAllPageSize = 500;

/** Every rule that fits, page by page: for what the server cannot filter by. */
export const useAllRules = (query: RuleQuery, enabled: boolean) =>
  useQuery({
    queryKey: ['rules', 'all', query],
    queryFn: async ({ signal }) => {
      const rules: Rule[] = [];
      for (let page = 1; ; page += 1) {
        const part = await api.get<RuleList>('/api/rules', {
          query: { ...query, page, page_size: kAllPageSize },
          signal,
        });
        rules.push(...part.rules);
        if (part.rules.length < kAllPageSize) return rules;
      }
    },
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    enabled,
  });

export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['rules', 'one', id],
    queryFn: ({ signal }) => api.get<Rule>(`/api/rules/${id}`, { signal }),
  });

export const useRule = (id: string) => useQuery(ruleQuery(id));

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
    onSuccess: (changed) => {
      if ('id' in changed) client.setQueryData(['rules', 'one', changed.id], changed);
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['rules'] }),
        client.invalidateQueries({ queryKey: ['alerts'] }),
      ]),
  });
}

export interface BacktestRequest {
  rule: RuleCreate;
  device: string;
  start: number;
  end: number;
}

/** Replays a draft over stored readings. `cancel` gives up waiting for the answer. */
export function useBacktest() {
  const running = useRef<AbortController | null>(null);
  const mutation = useMutation({
    mutationFn: ({ rule, device, start, end }: BacktestRequest) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const body = {
        ...rule,
        on_device: device,
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
      };
      return api.post<Backtest>('/api/rules/backtest', body, { signal: controller.signal });
    },
    gcTime: 0,
  });
  const { reset } = mutation;
  const cancel = useCallback(() => {
    running.current?.abort();
    reset();
  }, [reset]);
  useEffect(() => () => running.current?.abort(), []);
  return { ...mutation, cancel };
}

/** Holds a stored rule against the newest reading of a device. */
export const useExplanation = (id: string) =>
  useMutation({
    mutationFn: (device: string) =>
      api.post<RuleExplanation>(`/api/rules/${id}/evaluate`, { on_device: device }),
  });
