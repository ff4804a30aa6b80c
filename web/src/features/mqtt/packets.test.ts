import { describe, expect, it } from 'vitest';
import { describePacket, packetTime } from './packets';

const packet = {
  time: '2026-02-07T11:26:00.25Z',
  direction: 'in',
  type: 'PUBLISH',
  bytes: 80,
} as const;

describe('describePacket', () => {
  it('tells what the header says, and nothing of what it does not', () => {
    expect(describePacket({ ...packet, qos: 0, retain: false, dup: false })).toBe('QoS 0');
    expect(describePacket({ ...packet, qos: 1, packet_id: 17, retain: true, dup: true })).toBe(
      'QoS 1 · id 17 · retained · repeated',
    );
    expect(describePacket({ ...packet, type: 'PINGREQ' })).toBe('');
  });
});

describe('packetTime', () => {
  it('shows milliseconds', () => {
    expect(packetTime(packet.time)).toMatch(/^\d\d:26:00\.250$/);
  });
});
