import { keepPreviousData, queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import type { FileRequest } from './download';
import { api } from './instance';
import type { AuditList, AuditQuery, AuditVerdict } from './types';

export const auditQuery = (query: AuditQuery) =>
  queryOptions({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => api.get<AuditList>('/api/audit', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const useAudit = (query: AuditQuery) => useQuery(auditQuery(query));

export type AuditFilter = Pick<
  AuditQuery,
  'actor' | 'action' | 'resource_type' | 'resource_id' | 'start' | 'search'
>;

export const auditFile = (query: AuditFilter, format: 'csv' | 'ndjson'): FileRequest => ({
  method: 'GET',
  path: '/api/audit/download',
  query: { ...query, format },
  accept: format === 'csv' ? 'text/csv' : 'application/x-ndjson',
});

/** Recomputes the whole chain. */
export const useVerifyAudit = () =>
  useMutation({ mutationFn: () => api.get<AuditVerdict>('/api/audit/verify') });
