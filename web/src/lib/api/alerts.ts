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
import type { Alert, AlertList, AlertQuery, AlertSummary } from './types';

const kRefreshMs = 5_000;

export const alertsQuery = (query: AlertQuery) =>
  queryOptions({
    queryKey: ['alerts', 'list', query],
    queryFn: ({ signal }) => api.get<AlertList>('/api/alerts', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: kRefreshMs,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => api.get<Alert>(`/api/alerts/${id}`, { signal }),
    refetchInterval: kRefreshMs,
  });

export const alertSummaryQuery = queryOptions({
  queryKey: ['alerts', 'summary'],
  queryFn: ({ signal }) => api.get<AlertSummary>('/api/alerts/summary', { signal }),
  refetchInterval: kRefreshMs,
});

export const useAlerts = (query: AlertQuery) => useQuery(alertsQuery(query));
export const useAlertSummary = () => useQuery(alertSummaryQuery);

export const useAlert = (id: string | null) =>
  useQuery({ ...alertQuery(id ?? ''), enabled: id !== null });

export interface AlertAction {
  id: string;
  action: 'acknowledge' | 'resolve';
  comment?: string;
}

export function useAlertAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action, comment }: AlertAction) =>
      api.post<Alert>(`/api/alerts/${id}/${action}`, comment ? { comment } : {}),
    onSuccess: (alert) => client.setQueryData(['alerts', 'one', alert.id], alert),
    // Also after a failure: somebody else may have handled the alert.
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
  }).data?.alerts;
  const active = useAlerts({ device_id: deviceId, status: ['open', 'acknowledged'] }).data?.alerts;
  return useMemo(() => {
    const all = [...(raised ?? []), ...(active ?? [])];
    return [...new Map(all.map((alert) => [alert.id, alert])).values()];
  }, [raised, active]);
}
