import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './instance';
import type { System } from './types';

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => api.get<System>('/api/system', { signal }),
  refetchInterval: 10_000,
});

/** The options in force; for admins. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) =>
    api.get<{ settings: Record<string, unknown> }>('/api/system/settings', { signal }),
});

export const useSystem = () => useQuery(systemQuery);
