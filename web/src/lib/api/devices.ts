import { useMemo } from 'react';
import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { FileRequest } from './download';
import { api } from './instance';
import type {
  Device,
  DeviceCreate,
  DeviceCredentials,
  DeviceFileQuery,
  DeviceImport,
  DeviceImportQuery,
  DeviceIngest,
  DeviceList,
  DeviceQuery,
  DeviceState,
  DeviceUpdate,
} from './types';

const path = (id: string) => `/api/devices/${encodeURIComponent(id)}`;

export const devicesQuery = (query: DeviceQuery) =>
  queryOptions({
    queryKey: ['devices', 'list', query],
    queryFn: ({ signal }) => api.get<DeviceList>('/api/devices', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', 'one', id],
    queryFn: ({ signal }) => api.get<Device>(path(id), { signal }),
    refetchInterval: 15_000,
  });

export const deviceStateQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', 'state', id],
    queryFn: ({ signal }) => api.get<DeviceState>(`${path(id)}/status`, { signal }),
    refetchInterval: 10_000,
  });

export const deviceIngestQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', 'ingest', id],
    queryFn: ({ signal }) => api.get<DeviceIngest>(`${path(id)}/ingest`, { signal }),
    refetchInterval: 5_000,
  });

export const useDeviceIngest = (id: string) => useQuery(deviceIngestQuery(id));

export const useDevices = (query: DeviceQuery) => useQuery(devicesQuery(query));
export const useDevice = (id: string) => useQuery(deviceQuery(id));
export const useDeviceState = (id: string) => useQuery(deviceStateQuery(id));

/** Enough devices for a choice in a form or filter. */
export const useDeviceOptions = () => useDevices({ page_size: 500, sort: 'name' });

function useRefreshDevices() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['devices'] });
}

export function useCreateDevice() {
  const onSuccess = useRefreshDevices();
  return useMutation({
    mutationFn: (device: DeviceCreate) => api.post<Device>('/api/devices', device),
    onSuccess,
  });
}

export function useUpdateDevice(id: string) {
  const onSuccess = useRefreshDevices();
  return useMutation({
    mutationFn: (change: DeviceUpdate) => api.put<Device>(path(id), change),
    onSuccess,
  });
}

export function useDeleteDevice(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (telemetry: 'keep' | 'delete') =>
      api.request('DELETE', path(id), { query: { telemetry } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['devices', 'one', id] });
      return client.invalidateQueries({ queryKey: ['devices', 'list'] });
    },
  });
}

/** All devices that match, as CSV. */
export const devicesFile = (query: DeviceFileQuery): FileRequest => ({
  method: 'GET',
  path: '/api/devices.csv',
  query,
  accept: 'text/csv',
});

const sendFile = (file: Blob, query: DeviceImportQuery, signal?: AbortSignal) =>
  api.post<DeviceImport>('/api/devices.csv', new Blob([file], { type: 'text/csv' }), {
    query,
    signal,
  });

/** What an import of the file would do; nothing is changed. */
export const useDeviceImportCheck = (
  file: File | null,
  existing: NonNullable<DeviceImportQuery['existing']>,
) =>
  useQuery({
    queryKey: ['device-import', file?.name, file?.size, file?.lastModified, existing],
    queryFn: ({ signal }) => sendFile(file ?? new Blob(), { existing, dry_run: 'true' }, signal),
    enabled: file !== null,
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });

export function useDeviceImport() {
  const onSuccess = useRefreshDevices();
  return useMutation({
    mutationFn: ({ file, ...query }: DeviceImportQuery & { file: File }) => sendFile(file, query),
    onSuccess,
  });
}

export function useIssueCredentials(id: string) {
  return useMutation({
    mutationFn: () => api.post<DeviceCredentials>(`${path(id)}/credentials`),
    gcTime: 0,
  });
}

/** Names by id, for lists that only know ids. */
export function useDeviceNames(): ReadonlyMap<string, string> {
  const devices = useDeviceOptions().data?.devices;
  return useMemo(() => new Map(devices?.map((device) => [device.id, device.name])), [devices]);
}
