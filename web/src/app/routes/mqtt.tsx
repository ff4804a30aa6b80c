import { MqttPage } from '@/features/mqtt/mqtt-page';

export function MqttRoute() {
  return <MqttPage />;
}
