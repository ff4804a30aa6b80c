import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNow } from '@/lib/hooks/use-now';
import type { TimeRange } from '@/lib/time-range';
import { api } from './instance';
import type {
  Alert,
  AlertAssignees,
  AlertBulkAction,
  AlertBulkResult,
  AlertDetail,
  AlertList,
  AlertQuery,
  AlertStatistics,
  AlertSummary,
} from './types';

const kRefreshMs = 5_000;
const kStatisticsMs = 30_000;

const since = (spanMs: number) => new Date(Date.now() - spanMs).toISOString();

/** `spanMs`: only alerts that began so long ago at most, counted from each request. */
export const alertsQuery = (query: AlertQuery, spanMs?: number) =>
  queryOptions({
    queryKey: ['alerts', 'list', query, spanMs],
    queryFn: ({ signal }) => {
      const start = spanMs === undefined ? {} : { start: since(spanMs) };
      return api.get<AlertList>('/api/alerts', { query: { ...query, ...start }, signal });
    },
    placeholderData: keepPreviousData,
    refetchInterval: kRefreshMs,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => api.get<AlertDetail>(`/api/alerts/${id}`, { signal }),
    refetchInterval: kRefreshMs,
  });

export const alertSummaryQuery = queryOptions({
  queryKey: ['alerts', 'summary'],
  queryFn: ({ signal }) => api.get<AlertSummary>('/api/alerts/summary', { signal }),
  refetchInterval: kRefreshMs,
});

export const useAlerts = (query: AlertQuery, spanMs?: number) =>
  useQuery(alertsQuery(query, spanMs));
export const useAlertSummary = () => useQuery(alertSummaryQuery);

export const useAlert = (id: string) => useQuery(alertQuery(id));

export const useAlertStatistics = (spanMs: number) =>
  useQuery({
    queryKey: ['alerts', 'statistics', spanMs],
    queryFn: ({ signal }) =>
      api.get<AlertStatistics>('/api/alerts/statistics', {
        query: { start: since(spanMs) },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: kStatisticsMs,
  });

const kNobody: AlertAssignees['assignees'] = [];

/** Whom an alert can be given to. */
export function useAssignees(): AlertAssignees['assignees'] {
  const query = useQuery({
    queryKey: ['assignees'],
    queryFn: ({ signal }) => api.get<AlertAssignees>('/api/alerts/assignees', { signal }),
    staleTime: 60_000,
  });
  return query.data?.assignees ?? kNobody;
}

export type AlertActionName = AlertBulkAction['action'];

/** What is done, and what the action needs. */
export interface AlertRequest {
  action: AlertActionName;
  comment?: string;
  minutes?: number;
  assignee?: string | null;
}

/** The members of the request's body: an empty comment is none. */
function bodyOf({ comment, minutes, assignee }: AlertRequest) {
  return {
    ...(comment ? { comment } : {}),
    ...(minutes === undefined ? {} : { minutes }),
    ...(assignee === undefined ? {} : { assignee }),
  };
}

export function useAlertAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...request }: AlertRequest & { id: string }) =>
      api.post<Alert>(`/api/alerts/${id}/${request.action}`, bodyOf(request)),
    // Also after a failure: somebody else may have handled the alert.
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
}

/** The same with many alerts. */
export function useBulkAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, ...request }: AlertRequest & { ids: string[] }) =>
      api.post<AlertBulkResult>('/api/alerts/bulk', {
        action: request.action,
        ids,
        ...bodyOf(request),
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
}

/** The bounds of a recent range move in steps of this share: each step is another request. */
const kStepShare = 0.1;

/** Alerts of a device that touch a range: those raised in it and those that still go on. */
export function useRangeAlerts(deviceId: string, range: TimeRange): readonly Alert[] {
  const now = useNow();
  const step = range.kind === 'recent' ? range.spanMs * kStepShare : 1;
  const start = range.kind === 'fixed' ? range.start : Math.floor(now / step) * step - range.spanMs;
  const raised = useAlerts({
    device_id: deviceId,
    start: new Date(start).toISOString(),
    end: range.kind === 'fixed' ? new Date(range.end).toISOString() : undefined,
    page_size: 500,
    shelved: 'include',
  }).data?.alerts;
  const active = useAlerts({
    device_id: deviceId,
    status: ['open', 'acknowledged'],
    shelved: 'include',
  }).data?.alerts;
  return useMemo(() => {
    const all = [...(raised ?? []), ...(active ?? [])];
    return [...new Map(all.map((alert) => [alert.id, alert])).values()];
  }, [raised, active]);
}
