import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './instance';
import type { DeadLetterList, DeadLetterQuery } from './types';

/** With `spanMs`, only those of that long before the fetch. */
export const deadLettersQuery = (query: DeadLetterQuery, spanMs?: number) =>
  queryOptions({
    queryKey: ['dead-letters', query, spanMs ?? null],
    queryFn: ({ signal }) => {
      const start = spanMs === undefined ? undefined : new Date(Date.now() - spanMs).toISOString();
      return api.get<DeadLetterList>('/api/data/dead-letters', {
        query: { ...query, start },
        signal,
      });
    },
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

export const useDeadLetters = (query: DeadLetterQuery, spanMs?: number) =>
  useQuery(deadLettersQuery(query, spanMs));
