import { useMemo } from 'react';
import { useDeviceState } from '@/lib/api/devices';
import { useProfile } from '@/lib/api/profiles';
import type { Device, Reading } from '@/lib/api/types';
import { describeFields, readingFields, type FieldInfo } from '@/lib/fields';
import { useNow } from '@/lib/hooks/use-now';
import { useLatestReading } from '@/lib/live/hooks';
import { kMinute, parseTime } from '@/lib/time';

/** A device counts as reporting when a live reading is at most this old, whatever the server last said. */
const kFreshMs = kMinute;

export interface DeviceView {
  fields: FieldInfo[];
  latest: Reading | null;
  lastSeen: string | null;
  /** Undefined until the server has said so or a reading has come. */
  online: boolean | undefined;
}

function newer(a: Reading | null, b: Reading | null): Reading | null {
  if (!a || !b) return a ?? b;
  return (parseTime(a.timestamp) ?? 0) >= (parseTime(b.timestamp) ?? 0) ? a : b;
}

/** The newest that is known of a device, from the live connection and from the server. */
export function useDeviceView(device: Device): DeviceView {
  const state = useDeviceState(device.id).data;
  const profile = useProfile(device.type).data;
  const live = useLatestReading(device.id);
  const now = useNow();
  const latest = newer(live, state?.latest ?? null);
  const names = readingFields(latest).join();
  const fields = useMemo(
    () => describeFields(profile?.fields, names === '' ? [] : names.split(',')),
    [profile, names],
  );
  const lastSeen = latest?.timestamp ?? state?.last_seen ?? device.last_seen;
  const fresh = live !== null && now - (parseTime(live.timestamp) ?? 0) < kFreshMs;
  return { fields, latest, lastSeen, online: fresh || state?.online };
}
