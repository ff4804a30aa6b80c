import { Box } from '@mui/material';
import { useDeviceState } from '@/lib/api/devices';
import { readingValue } from '@/lib/fields';
import { useLatestReading } from '@/lib/live/hooks';
import { formatValue } from '@/lib/units';

interface LiveValueProps {
  deviceId: string;
  /** Told when it is one of many. */
  deviceName?: string;
  field: string;
  unit: string;
}

/** What the device reads now, as it moves. */
export function LiveValue({ deviceId, deviceName, field, unit }: LiveValueProps) {
  const stored = useDeviceState(deviceId).data?.latest ?? null;
  const live = useLatestReading(deviceId);
  const value = readingValue(live, field) ?? readingValue(stored, field);
  if (value === null) return <>No reading yet</>;
  return (
    <>
      {deviceName === undefined ? 'Now ' : `${deviceName} now `}
      <Box
        component="b"
        className="numeric"
        data-testid="live-value"
        sx={{ color: 'text.primary', fontWeight: 600 }}
      >
        {formatValue(value, unit)}
      </Box>
    </>
  );
}
