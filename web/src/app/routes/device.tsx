import { useParams } from 'react-router';
import { AlertsPanel } from '@/features/alerts/alerts-panel';
import { DevicePage } from '@/features/devices/device-page';

export function DeviceRoute() {
  const { id = '' } = useParams();
  return <DevicePage id={id} aside={<AlertsPanel deviceId={id} limit={4} />} />;
}
