import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { FileRequest } from './download';
import { api } from './instance';
import { queryString } from './http';
import type { DeadLetterList, DeadLetterQuery, Replayed } from './types';

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

export type DeadLetterFilter = Pick<DeadLetterQuery, 'device_id' | 'reason' | 'start'>;

/** One JSON object a line, the oldest first. */
export const deadLettersFile = (query: DeadLetterFilter): FileRequest => ({
  method: 'GET',
  path: '/api/data/dead-letters/download',
  query,
  accept: 'application/x-ndjson',
});

/** Which letters an action is for: one, or all that match. */
export type DeadLetterTarget = { id: string } | { filter: DeadLetterFilter };

const pathOf = (target: DeadLetterTarget, action: string) =>
  'id' in target
    ? `/api/data/dead-letters/${encodeURIComponent(target.id)}${action}`
    : `/api/data/dead-letters${action}${queryString(target.filter)}`;

function useDeadLetterAction<T>(send: (target: DeadLetterTarget) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ['dead-letters'] }),
  });
}

/** Sends letters through the pipeline again; what is refused again stays. */
export const useReplay = () =>
  useDeadLetterAction((target) => api.post<Replayed>(pathOf(target, '/replay')));

export const usePurge = () =>
  useDeadLetterAction((target) => api.delete<{ purged: number }>(pathOf(target, '')));
