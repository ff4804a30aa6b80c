import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from './instance';
import type {
  ApiKeyCreate,
  ApiKeyList,
  ApiKeyQuery,
  Enrolment,
  IssuedApiKey,
  RecoveryCodes,
  SecondFactor,
  UserCreate,
  UserList,
  UserQuery,
  UserUpdate,
} from './types';

const userPath = (id: string) => `/api/users/${encodeURIComponent(id)}`;

export const useUsers = (query: UserQuery) =>
  useQuery({
    queryKey: ['users', query],
    queryFn: ({ signal }) => api.get<UserList>('/api/users', { query, signal }),
    placeholderData: keepPreviousData,
  });

export type UserChange =
  | { kind: 'create'; user: UserCreate }
  | { kind: 'update'; id: string; user: UserUpdate }
  | { kind: 'password'; id: string; password: string }
  | { kind: 'reset-second-factor'; id: string };

function send(change: UserChange): Promise<unknown> {
  switch (change.kind) {
    case 'create':
      return api.post('/api/auth/register', change.user);
    case 'update':
      return api.put(userPath(change.id), change.user);
    case 'password':
      return api.post(`${userPath(change.id)}/password`, { password: change.password });
    case 'reset-second-factor':
      return api.delete(`${userPath(change.id)}/second-factor`);
  }
}

export function useUserChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}

export const useApiKeys = (query: ApiKeyQuery) =>
  useQuery({
    queryKey: ['api-keys', query],
    queryFn: ({ signal }) => api.get<ApiKeyList>('/api/api-keys', { query, signal }),
    placeholderData: keepPreviousData,
  });

export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: ApiKeyCreate) => api.post<IssuedApiKey>('/api/api-keys', key),
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/api/api-keys/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
}

export const useChangePassword = () =>
  useMutation({
    mutationFn: (change: { current_password: string; new_password: string }) =>
      api.post('/api/auth/password', change),
    gcTime: 0,
  });

export const useSecondFactor = () =>
  useQuery({
    queryKey: ['second-factor'],
    queryFn: ({ signal }) => api.get<SecondFactor>('/api/auth/second-factor', { signal }),
  });

export const useBeginSecondFactor = () =>
  useMutation({
    mutationFn: (password: string) => api.post<Enrolment>('/api/auth/second-factor', { password }),
    gcTime: 0,
  });

export function useConfirmSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      api.post<RecoveryCodes>('/api/auth/second-factor/confirm', { code }),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ['second-factor'] }),
  });
}

export function useDisableSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => api.post('/api/auth/second-factor/disable', { password }),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ['second-factor'] }),
  });
}
