import { queryOptions, useQuery } from '@tanstack/react-query';
import type { TimeRange } from '@/lib/time-range';
import { api } from './instance';
import type { Ingest, Telemetry } from './types';

interface TelemetrySelection {
  fields?: string[];
  maxPoints: number;
}

/** A recent range is fetched anew when it has moved by this share of its length. */
const kRefetchShare = 1 / 60;
const kShortestRefetchMs = 60_000;
const kLongestRefetchMs = 600_000;

/**
 * Stored readings of a range. A recent range ends at the time of the fetch; whoever shows it adds the live readings.
 * While another range of the same device loads, the former one stays.
 */
export const telemetryQuery = (id: string, range: TimeRange, selection: TelemetrySelection) =>
  queryOptions<Telemetry>({
    queryKey: ['telemetry', id, range, selection],
    queryFn: ({ signal }) => {
      const start = range.kind === 'fixed' ? range.start : Date.now() - range.spanMs;
      const query = {
        start: new Date(start).toISOString(),
        end: range.kind === 'fixed' ? new Date(range.end).toISOString() : undefined,
        fields: selection.fields,
        max_points: selection.maxPoints,
      };
      const path = `/api/data/telemetry/${encodeURIComponent(id)}`;
      return api.get<Telemetry>(path, { query, signal });
    },
    placeholderData: (previous) => (previous?.device_id === id ? previous : undefined),
    refetchInterval:
      range.kind === 'recent' &&
      Math.min(Math.max(range.spanMs * kRefetchShare, kShortestRefetchMs), kLongestRefetchMs),
    staleTime: range.kind === 'fixed' ? 60_000 : 5_000,
  });

export const useTelemetry = (id: string, range: TimeRange, selection: TelemetrySelection) =>
  useQuery(telemetryQuery(id, range, selection));

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
