import { queryOptions, useQuery } from '@tanstack/react-query';
import { zoneName } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';
import { api } from './instance';
import type { FileRequest } from './download';
import type { Aggregate, Ingest, Statistics, Telemetry, Windows } from './types';

interface TelemetrySelection {
  fields?: string[];
  maxPoints: number;
}

/** A recent range is fetched anew when it has moved by this share of its length. */
const kRefetchShare = 1 / 60;
const kShortestRefetchMs = 60_000;
const kLongestRefetchMs = 600_000;

const readingsPath = (id: string) => `/api/data/telemetry/${encodeURIComponent(id)}`;

/** Readings condensed to one value a window. */
export interface Windowing {
  aggregate: Aggregate;
  window: string;
}

/** The bounds of a range now, as the API takes them. */
function bounds(range: TimeRange): { start: string; end: string | undefined } {
  const start = range.kind === 'fixed' ? range.start : Date.now() - range.spanMs;
  return {
    start: new Date(start).toISOString(),
    end: range.kind === 'fixed' ? new Date(range.end).toISOString() : undefined,
  };
}

const refetchOf = (range: TimeRange) =>
  range.kind === 'recent' &&
  Math.min(Math.max(range.spanMs * kRefetchShare, kShortestRefetchMs), kLongestRefetchMs);

/**
 * Stored readings of a range. A recent range ends at the time of the fetch; whoever shows it adds the live readings.
 * While another range of the same device loads, the former one stays.
 */
export const telemetryQuery = (id: string, range: TimeRange, selection: TelemetrySelection) =>
  queryOptions<Telemetry>({
    queryKey: ['telemetry', id, range, selection],
    queryFn: ({ signal }) => {
      const query = {
        ...bounds(range),
        fields: selection.fields,
        max_points: selection.maxPoints,
      };
      return api.get<Telemetry>(readingsPath(id), { query, signal });
    },
    placeholderData: (previous) => (previous?.device_id === id ? previous : undefined),
    refetchInterval: refetchOf(range),
    staleTime: range.kind === 'fixed' ? 60_000 : 5_000,
  });

export const useTelemetry = (
  id: string,
  range: TimeRange,
  selection: TelemetrySelection,
  enabled = true,
) => useQuery({ ...telemetryQuery(id, range, selection), enabled });

function windowsBody(id: string, range: TimeRange, fields: string[] | undefined, by: Windowing) {
  const { start, end } = bounds(range);
  return {
    ...{ device_id: id, start_time: start, end_time: end, fields },
    ...{ aggregate: by.aggregate, window: by.window, time_zone: zoneName() },
  };
}

export const windowsQuery = (
  id: string,
  range: TimeRange,
  fields: string[] | undefined,
  by: Windowing,
) =>
  queryOptions<Windows>({
    queryKey: ['windows', id, range, fields, by],
    queryFn: ({ signal }) =>
      api.post<Windows>('/api/data/query', windowsBody(id, range, fields, by), { signal }),
    placeholderData: (previous) => previous,
    refetchInterval: refetchOf(range),
    staleTime: range.kind === 'fixed' ? 60_000 : 5_000,
  });

/** `by` null: asks nothing. */
export const useWindows = (
  id: string,
  range: TimeRange,
  fields: string[] | undefined,
  by: Windowing | null,
) =>
  useQuery({
    ...windowsQuery(id, range, fields, by ?? { aggregate: 'mean', window: '1h' }),
    enabled: by !== null,
  });

export type FileFormat = 'csv' | 'arrow' | 'json';

/** All readings of a range, or its windows, as a file. */
export function telemetryFile(
  id: string,
  range: TimeRange,
  fields: string[] | undefined,
  by: Windowing | null,
  format: FileFormat,
): FileRequest {
  if (by !== null) {
    const body = windowsBody(id, range, fields, by);
    return { method: 'POST', path: '/api/data/query', query: { format }, body };
  }
  const query = { ...bounds(range), fields, all: true, format };
  return { method: 'GET', path: readingsPath(id), query };
}

export const statisticsQuery = (id: string, range: TimeRange, fields: string[] | undefined) =>
  queryOptions<Statistics>({
    queryKey: ['statistics', id, range, fields],
    queryFn: ({ signal }) =>
      api.get<Statistics>(`/api/data/stats/${encodeURIComponent(id)}`, {
        query: { ...bounds(range), fields },
        signal,
      }),
    placeholderData: (previous) => (previous?.device_id === id ? previous : undefined),
    refetchInterval: refetchOf(range),
    staleTime: range.kind === 'fixed' ? 60_000 : 5_000,
  });

export const useStatistics = (id: string, range: TimeRange, fields: string[] | undefined) =>
  useQuery(statisticsQuery(id, range, fields));

export interface IngestHistory {
  latest: Ingest;
  /** Rates of the last minutes, oldest first. */
  rates: number[];
}

const kIngestIntervalMs = 2_000;
const kIngestPoints = 90;

export const ingestQuery = queryOptions({
  queryKey: ['ingest'],
  queryFn: async ({ signal, client, queryKey }): Promise<IngestHistory> => {
    const latest = await api.get<Ingest>('/api/data/ingest', { signal });
    const before = client.getQueryData<IngestHistory>(queryKey)?.rates ?? [];
    return { latest, rates: [...before, latest.rate_per_s].slice(-kIngestPoints) };
  },
  refetchInterval: kIngestIntervalMs,
});

export const useIngest = () => useQuery(ingestQuery);
