import type { MqttTracedPacket } from '@/lib/api/types';

/** `QoS 1 · id 17 · retained · repeated`: what a packet's header says beside type and topic. */
export function describePacket(packet: MqttTracedPacket): string {
  const parts: string[] = [];
  if (packet.qos !== undefined) parts.push(`QoS ${packet.qos}`);
  if (packet.packet_id !== undefined) parts.push(`id ${packet.packet_id}`);
  if (packet.retain) parts.push('retained');
  if (packet.dup) parts.push('repeated');
  return parts.join(' · ');
}

/** `14:03:07.250` in the viewer's zone. */
export function packetTime(time: string): string {
  return new Date(time).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
}
