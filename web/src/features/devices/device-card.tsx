import { Box, ButtonBase, Skeleton, Typography } from '@mui/material';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { Sparkline } from '@/components/charts/sparkline';
import { DeviceStatusChip } from '@/components/ui/chips';
import { QuantityText } from '@/components/ui/quantity';
import { RelativeTime } from '@/components/ui/relative-time';
import { useTelemetry } from '@/lib/api/telemetry';
import type { Device } from '@/lib/api/types';
import { isNominal, readingValue, type FieldInfo } from '@/lib/fields';
import { useNow } from '@/lib/hooks/use-now';
import { useLiveReadings } from '@/lib/live/hooks';
import { appendLive, toPoints } from '@/lib/series';
import { recentRange } from '@/lib/time-range';
import { useDeviceView } from './use-device-view';

const kSpan = recentRange('15m');
const kPoints = 90;
const kLivePoints = 400;
const kSecondary = 3;
const kHeight = 56;
const kLargeHeight = 132;

interface CardSparklineProps {
  device: Device;
  field: FieldInfo;
  height: number;
}

function CardSparkline({ device, field, height }: CardSparklineProps) {
  const stored = useTelemetry(device.id, kSpan, { fields: [field.name], maxPoints: kPoints });
  const live = useLiveReadings(device.id, kLivePoints, true, () => void stored.refetch());
  const now = useNow();
  const points = useMemo(
    () => appendLive(toPoints(stored.data?.data ?? [], field.name), toPoints(live, field.name)),
    [stored.data, live, field.name],
  );
  const start = now - (kSpan.kind === 'recent' ? kSpan.spanMs : 0);
  return (
    <Sparkline
      points={points.filter(([time]) => time >= start)}
      start={start}
      end={Math.max(now, points.at(-1)?.[0] ?? now)}
      color={`series.s${field.slot}`}
      height={height}
      label={`${field.label}, last 15 minutes`}
    />
  );
}

interface DeviceCardProps {
  device: Device;
  /** For a card that has the width of several. */
  large: boolean;
}

/** A device at a glance: its main value large with the last minutes, the others below. */
export function DeviceCard({ device, large }: DeviceCardProps) {
  const height = large ? kLargeHeight : kHeight;
  const { fields, latest, lastSeen, online } = useDeviceView(device);
  const [main, ...others] = fields;
  const valueOf = (field: FieldInfo) => readingValue(latest, field.name);
  const colorOf = (field: FieldInfo) =>
    isNominal(valueOf(field), field) ? undefined : 'warning.main';

  return (
    <ButtonBase
      component={Link}
      to={`/devices/${encodeURIComponent(device.id)}`}
      data-testid={`device-card-${device.id}`}
      sx={{
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'stretch',
        textAlign: 'left',
        minWidth: 0,
        bgcolor: 'background.paper',
        border: 1,
        borderColor: 'line',
        borderRadius: 1.25,
        overflow: 'hidden',
        transition: 'border-color 140ms, box-shadow 140ms',
        '&:hover': { borderColor: 'text.disabled', boxShadow: '0 4px 16px rgb(0 0 0 / 0.06)' },
      }}
    >
      <Box sx={{ display: 'flex', gap: 1, px: 2, pt: 1.75 }}>
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography variant="h3" noWrap>
            {device.name}
          </Typography>
          <Typography variant="caption" color="textSecondary" component="p" noWrap>
            {[device.id, device.location].filter(Boolean).join(' · ')}
          </Typography>
        </Box>
        <DeviceStatusChip status={device.status} online={online} />
      </Box>
      <Box
        sx={{ display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: 2, px: 2, pt: 1.5 }}
      >
        <Box sx={{ minWidth: large ? { xs: 96, sm: 168 } : 96 }}>
          <Typography variant="caption" color="textSecondary" component="p" sx={{ mb: 0.25 }}>
            {main ? main.label : 'No readings yet'}
          </Typography>
          {main && (
            <QuantityText
              value={valueOf(main)}
              unit={main.unit}
              size={large ? 2.25 : 1.625}
              color={colorOf(main)}
            />
          )}
        </Box>
        <Box sx={{ minHeight: height }}>
          {main && <CardSparkline device={device} field={main} height={height} />}
        </Box>
      </Box>
      <Box
        sx={{
          display: 'grid',
          gridTemplateColumns: `repeat(${kSecondary}, auto)`,
          justifyContent: { xs: 'space-between', sm: large ? 'start' : 'space-between' },
          gap: large ? { xs: 1, sm: 6 } : 1,
          px: 2,
          pt: 1.5,
          pb: 1.5,
          minHeight: 62,
        }}
      >
        {others.slice(0, kSecondary).map((field) => (
          <Box key={field.name} sx={{ minWidth: 0 }}>
            <Typography variant="caption" color="textSecondary" component="p" noWrap>
              {field.label}
            </Typography>
            <QuantityText
              value={valueOf(field)}
              unit={field.unit}
              size={0.9375}
              color={colorOf(field)}
            />
          </Box>
        ))}
      </Box>
      <Box
        sx={{
          mt: 'auto',
          display: 'flex',
          justifyContent: 'space-between',
          gap: 1,
          px: 2,
          py: 1,
          borderTop: 1,
          borderColor: 'line',
          color: 'text.secondary',
          fontSize: '0.76rem',
        }}
      >
        <Box component="span" sx={{ minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>
          {device.type}
        </Box>
        <Box component="span" sx={{ flexShrink: 0, whiteSpace: 'nowrap' }}>
          Last reading <RelativeTime time={lastSeen} />
        </Box>
      </Box>
    </ButtonBase>
  );
}

export function DeviceCardSkeleton() {
  return (
    <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'line', borderRadius: 1.25 }}>
      <Box sx={{ p: 2, display: 'grid', gap: 1.25 }}>
        <Skeleton variant="rounded" width="55%" height={18} />
        <Skeleton variant="rounded" width="35%" height={12} />
        <Skeleton variant="rounded" height={56} />
        <Skeleton variant="rounded" height={34} />
      </Box>
    </Box>
  );
}
