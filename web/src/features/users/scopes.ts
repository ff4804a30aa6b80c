import type { Scope } from '@/lib/api/types';

export const kScopes: readonly { scope: Scope; label: string }[] = [
  { scope: 'read_telemetry', label: 'Read telemetry' },
  { scope: 'write_telemetry', label: 'Write telemetry' },
  { scope: 'manage_devices', label: 'Manage devices' },
];
