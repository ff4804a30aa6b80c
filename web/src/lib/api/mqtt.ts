import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from './error';
import { api } from './instance';
import type {
  MqttClientDetail,
  MqttClientList,
  MqttClientQuery,
  MqttErrorList,
  MqttErrorQuery,
  MqttTrace,
} from './types';

const path = (id: string) => `/api/mqtt/clients/${encodeURIComponent(id)}`;
const kRefreshMs = 3_000;
/** A running trace is read more often than figures. */
const kTraceMs = 1_000;

export const useMqttClients = (query: MqttClientQuery) =>
  useQuery({
    queryKey: ['mqtt', 'clients', query],
    queryFn: ({ signal }) => api.get<MqttClientList>('/api/mqtt/clients', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: kRefreshMs,
  });

export const useMqttErrors = (query: MqttErrorQuery) =>
  useQuery({
    queryKey: ['mqtt', 'errors', query],
    queryFn: ({ signal }) => api.get<MqttErrorList>('/api/mqtt/errors', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: kRefreshMs,
  });

async function orNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Null once the client is gone. */
export const useMqttClient = (id: string) =>
  useQuery({
    queryKey: ['mqtt', 'client', id],
    queryFn: ({ signal }) => orNull(api.get<MqttClientDetail>(path(id), { signal })),
    refetchInterval: kRefreshMs,
  });

/** Null for a client that is not traced and was not lately. */
export const useMqttTrace = (id: string) =>
  useQuery({
    queryKey: ['mqtt', 'trace', id],
    queryFn: ({ signal }) => orNull(api.get<MqttTrace>(`${path(id)}/trace`, { signal })),
    refetchInterval: ({ state }) => (state.data?.running ? kTraceMs : false),
  });

export function useTraceControl(id: string) {
  const client = useQueryClient();
  return useMutation({
    /** 0 s stops the trace. */
    mutationFn: ({ seconds, payload }: { seconds: number; payload: boolean }) =>
      api.post(`${path(id)}/trace?payload=${payload}`, { duration_s: seconds }),
    onSettled: () => client.invalidateQueries({ queryKey: ['mqtt', 'trace', id] }),
  });
}

export function useDisconnect(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete(path(id)),
    onSettled: () => client.invalidateQueries({ queryKey: ['mqtt'] }),
  });
}
