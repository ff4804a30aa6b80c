import { zoneName } from '@/lib/time';
import type { FileRequest } from './download';
import { api } from './instance';
import type { SqlResult } from './types';

/** Times that a statement writes without a zone are in the viewer's. */
const bodyOf = (sql: string) => ({ sql, time_zone: zoneName() });

/** Throws ApiError. */
export const runSql = (sql: string, signal: AbortSignal) =>
  api.post<SqlResult>('/api/data/query', bodyOf(sql), { signal });

export type SqlFormat = 'csv' | 'parquet';

const kTypes: Record<SqlFormat, string> = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};

/** The whole result, computed anew. */
export const sqlFile = (sql: string, format: SqlFormat): FileRequest => ({
  method: 'POST',
  path: '/api/data/query',
  body: bodyOf(sql),
  accept: kTypes[format],
});
