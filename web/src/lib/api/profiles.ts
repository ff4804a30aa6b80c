import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { ApiError } from './error';
import { api } from './instance';
import type { ChangedProfile, Profile, ProfileList } from './types';

const path = (type: string) => `/api/profiles/${encodeURIComponent(type)}`;

/** Null for a type without a profile: its fields are shown by name, without ranges. */
export const profileQuery = (type: string) =>
  queryOptions({
    queryKey: ['profiles', 'one', type],
    queryFn: async ({ signal }) => {
      try {
        return await api.get<Profile>(path(type), { signal });
      } catch (error) {
        if (error instanceof ApiError && error.code === 'NOT_FOUND') return null;
        throw error;
      }
    },
    staleTime: 300_000,
  });

export const profilesQuery = (query: { page?: number; page_size: number }) =>
  queryOptions({
    queryKey: ['profiles', 'list', query],
    queryFn: ({ signal }) => api.get<ProfileList>('/api/profiles', { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: 300_000,
  });

/** Enough profiles for a choice in a form. */
export const useProfiles = () => useQuery(profilesQuery({ page_size: 500 }));

export const useProfilePage = (page: number, pageSize: number) =>
  useQuery({ ...profilesQuery({ page, page_size: pageSize }), staleTime: 0 });

export const useProfile = (type: string | undefined) =>
  useQuery({ ...profileQuery(type ?? ''), enabled: type !== undefined });

/** Fields as typed: what is no number goes as text, so that the server can say what is wrong with it. */
export interface ProfileChange {
  type: string;
  /** The version that the change was made from; absent for a new profile. */
  version?: number;
  fields: Record<string, unknown>[];
}

function send(change: ProfileChange, query: string, signal?: AbortSignal) {
  const { type, version, fields } = change;
  return version === undefined
    ? api.post<ChangedProfile>(`/api/profiles${query}`, type === '' ? { fields } : change, {
        signal,
      })
    : api.request<ChangedProfile>('PUT', path(type) + query, { body: { version, fields }, signal });
}

/** What the server says of the change and of the rules it concerns, without storing it. */
export const useProfileCheck = (change: ProfileChange) =>
  useQuery({
    queryKey: ['profiles', 'check', change],
    queryFn: ({ signal }) => send(change, '?dry_run=true', signal),
    retry: false,
    gcTime: 0,
    staleTime: 0,
  });

export function useSaveProfile() {
  const client = useQueryClient();
  return useMutation({
    /** `force`: although active rules stop working. */
    mutationFn: ({ change, force }: { change: ProfileChange; force: boolean }) =>
      send(change, force ? '?force=true' : ''),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['profiles', 'list'] }),
        client.invalidateQueries({ queryKey: ['profiles', 'one'] }),
      ]),
  });
}

export function useDeleteProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (type: string) => api.delete<{ message: string }>(path(type)),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['profiles', 'list'] }),
        client.invalidateQueries({ queryKey: ['profiles', 'one'] }),
      ]),
  });
}
