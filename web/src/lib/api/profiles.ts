import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError } from './error';
import { api } from './instance';
import type { Profile, ProfileList } from './types';

/** Null for a type without a profile: its fields are shown by name, without ranges. */
export const profileQuery = (type: string) =>
  queryOptions({
    queryKey: ['profiles', 'one', type],
    queryFn: async ({ signal }) => {
      try {
        return await api.get<Profile>(`/api/profiles/${encodeURIComponent(type)}`, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.code === 'NOT_FOUND') return null;
        throw error;
      }
    },
    staleTime: 300_000,
  });

export const profilesQuery = queryOptions({
  queryKey: ['profiles', 'list'],
  queryFn: ({ signal }) =>
    api.get<ProfileList>('/api/profiles', { query: { page_size: 500 }, signal }),
  staleTime: 300_000,
});

export const useProfiles = () => useQuery(profilesQuery);

export const useProfile = (type: string | undefined) =>
  useQuery({ ...profileQuery(type ?? ''), enabled: type !== undefined });
