import { Box } from '@mui/material';
import { DetailRow } from '@/components/ui/detail-row';
import { Panel } from '@/components/ui/panel';
import { RelativeTime } from '@/components/ui/relative-time';
import type { Device } from '@/lib/api/types';
import { describeDetail } from '@/lib/fields';
import { HealthScore } from './health-score';

export function DeviceDetails({ device }: { device: Device }) {
  return (
    <Panel flush title="Details">
      <Box component="dl" sx={{ m: 0, pb: 0.5 }}>
        <DetailRow inset name="Topic">
          <code>devices/{device.id}/telemetry</code>
        </DetailRow>
        <DetailRow inset name="Health">
          <HealthScore score={device.health_score} />
        </DetailRow>
        {Object.entries(device.metadata).map(([key, value]) => {
          const { label, text } = describeDetail(key, value);
          return (
            <DetailRow inset key={key} name={label}>
              {text}
            </DetailRow>
          );
        })}
        <DetailRow inset name="Registered">
          <RelativeTime time={device.created_at} />
        </DetailRow>
        <DetailRow inset name="Changed">
          <RelativeTime time={device.updated_at} />
        </DetailRow>
      </Box>
    </Panel>
  );
}
