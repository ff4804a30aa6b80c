import { Tooltip } from '@mui/material';
import { useNow } from '@/lib/hooks/use-now';
import { formatRelative, formatWithZone, parseTime } from '@/lib/time';

interface RelativeTimeProps {
  time: string | null | undefined;
  /** Shown when there is no time. */
  otherwise?: string;
}

/** "12 s ago", renewed each second; the tooltip has the full time and names the zone. */
export function RelativeTime({ time, otherwise = 'never' }: RelativeTimeProps) {
  const now = useNow();
  const at = parseTime(time);
  if (at === null) return <>{otherwise}</>;
  return (
    <Tooltip title={formatWithZone(at)}>
      <time dateTime={time ?? undefined}>{formatRelative(at, now)}</time>
    </Tooltip>
  );
}
