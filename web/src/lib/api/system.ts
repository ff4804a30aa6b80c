import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './instance';
import type { System } from './types';

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => api.get<System>('/api/system', { signal }),
  refetchInterval: 10_000,
});

export const useSystem = () => useQuery(systemQuery);
