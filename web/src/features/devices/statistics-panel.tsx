import {
  Box,
  LinearProgress,
  Skeleton,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
} from '@mui/material';
import { Sigma } from 'lucide-react';
import { Panel } from '@/components/ui/panel';
import { ErrorState, StateMessage } from '@/components/ui/states';
import { useStatistics } from '@/lib/api/telemetry';
import type { Statistics } from '@/lib/api/types';
import type { FieldInfo } from '@/lib/fields';
import { formatDateTime, formatDuration, kSecond, parseTime } from '@/lib/time';
import type { TimeRange } from '@/lib/time-range';
import { formatCount, formatShare, formatValue } from '@/lib/units';
import { Horizon } from './horizon';

const kColumns = [
  { key: 'mean', label: 'Mean' },
  { key: 'stddev', label: 'Std dev' },
  { key: 'min', label: 'Min' },
  { key: 'p50', label: 'Median' },
  { key: 'p90', label: 'p90' },
  { key: 'p95', label: 'p95' },
  { key: 'p99', label: 'p99' },
  { key: 'max', label: 'Max' },
] as const;

/** How complete the range is: `17,279 of 17,280 readings · 0.01 % missing · up 100 %`. */
export function describeCompleteness(statistics: Statistics): string {
  const { readings, expected, missing_rate: missing, uptime, reporting_interval_s } = statistics;
  const every = formatDuration(reporting_interval_s * kSecond, 1);
  const parts = [
    `${formatCount(readings)} of ${formatCount(expected)} readings, one expected each ${every}`,
  ];
  if (missing !== null) parts.push(`${formatShare(missing, 1)} missing`);
  if (uptime !== null) parts.push(`up ${formatShare(uptime, 1)}`);
  return parts.join(' · ');
}

interface StatisticsPanelProps {
  deviceId: string;
  range: TimeRange;
  fields: readonly FieldInfo[];
  /** Names of the fields to show; empty for all. */
  chosen: readonly string[];
}

/** What the readings of the range say of each field, computed from every one of them. */
export function StatisticsPanel({ deviceId, range, fields, chosen }: StatisticsPanelProps) {
  const query = useStatistics(deviceId, range, chosen.length > 0 ? [...chosen] : undefined);
  const statistics = query.data;
  const first = parseTime(statistics?.first_at);

  function content() {
    if (query.isError && !statistics) {
      return <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (!statistics) return <Skeleton variant="rounded" height={160} sx={{ m: 2 }} />;
    const rows = fields.filter(({ name }) => statistics.fields[name] !== undefined);
    if (rows.length === 0) {
      return (
        <StateMessage
          compact
          icon={Sigma}
          title="No readings in this range"
          text="Choose a longer range to see statistics."
        />
      );
    }
    return (
      <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Statistics by field">
        <Table
          size="small"
          data-testid="statistics"
          sx={{ '& td, & th': { px: 1.25 }, '& tr > :first-of-type': { pl: { xs: 2, sm: 2.5 } } }}
        >
          <TableHead>
            <TableRow>
              <TableCell sx={{ position: 'sticky', left: 0, bgcolor: 'background.paper' }}>
                Field
              </TableCell>
              {kColumns.map(({ key, label }) => (
                <TableCell key={key} align="right">
                  {label}
                </TableCell>
              ))}
              <TableCell align="right">Readings</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map((field) => {
              const values = statistics.fields[field.name];
              return (
                <TableRow
                  key={field.name}
                  sx={{ '&:last-child > *': { borderBottom: 0 }, '& td': { whiteSpace: 'nowrap' } }}
                >
                  <TableCell
                    component="th"
                    scope="row"
                    sx={{ position: 'sticky', left: 0, bgcolor: 'background.paper' }}
                  >
                    {field.label}
                  </TableCell>
                  {kColumns.map(({ key }) => (
                    <TableCell key={key} align="right" className="numeric">
                      {formatValue(values?.[key], field.unit)}
                    </TableCell>
                  ))}
                  <TableCell align="right" className="numeric">
                    {values && formatCount(values.count)}
                  </TableCell>
                </TableRow>
              );
            })}
          </TableBody>
        </Table>
      </Box>
    );
  }

  return (
    <Panel
      flush
      title="Statistics"
      subtitle={
        statistics && (
          <span title={first === null ? undefined : `First reading ${formatDateTime(first)}`}>
            {describeCompleteness(statistics)}
          </span>
        )
      }
    >
      <Box sx={{ height: 2 }}>
        {query.isPlaceholderData && <LinearProgress sx={{ height: 2 }} aria-label="Loading" />}
      </Box>
      <Horizon completeFrom={statistics?.complete_from} testId="statistics-horizon" />
      <Box sx={{ borderTop: 1, borderColor: 'line' }}>{content()}</Box>
    </Panel>
  );
}
