import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from './instance';
import type {
  MqttCredential,
  MqttCredentialList,
  MqttCredentialQuery,
  MqttCredentialRequest,
  MqttRule,
  MqttRuleList,
  MqttRuleRequest,
} from './types';

const kPath = '/api/mqtt/credentials';
const path = (username: string) => `${kPath}/${encodeURIComponent(username)}`;
const kRefreshMs = 15_000;
/** As many as one answer holds. */
export const kRulesShown = 100;

export const useMqttCredentials = (query: MqttCredentialQuery) =>
  useQuery({
    queryKey: ['mqtt', 'credentials', query],
    queryFn: ({ signal }) => api.get<MqttCredentialList>(kPath, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: kRefreshMs,
  });

export const useMqttRules = (username: string) =>
  useQuery({
    queryKey: ['mqtt', 'acl', username],
    queryFn: ({ signal }) =>
      api.get<MqttRuleList>('/api/mqtt/acl', {
        query: { username, page_size: kRulesShown },
        signal,
      }),
    refetchInterval: kRefreshMs,
  });

function useAccessChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ['mqtt'] }),
  });
}

export const useCreateCredential = () =>
  useAccessChange((request: MqttCredentialRequest) => api.post<MqttCredential>(kPath, request));

export const useRotateCredential = (username: string) =>
  useAccessChange(() => api.post<MqttCredential>(`${path(username)}/password`));

export const useRevokeCredential = (username: string) =>
  useAccessChange(() => api.delete<{ message: string }>(path(username)));

export const useAddMqttRule = () =>
  useAccessChange((rule: MqttRuleRequest) => api.post<MqttRule>('/api/mqtt/acl', rule));

export const useRemoveMqttRule = () =>
  useAccessChange((id: number) => api.delete<{ message: string }>(`/api/mqtt/acl/${id}`));
