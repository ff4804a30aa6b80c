import { useMemo } from 'react';
import { useDeviceOptions } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';

/** The unit of a device's field, by way of its type's profile; empty while that is unknown. */
export function useUnits(): (deviceId: string, field: string) => string {
  const devices = useDeviceOptions().data?.devices;
  const profiles = useProfiles().data?.profiles;
  return useMemo(() => {
    const types = new Map(devices?.map((device) => [device.id, device.type]));
    const fields = new Map(profiles?.map((profile) => [profile.type, profile.fields]));
    return (deviceId, name) =>
      fields.get(types.get(deviceId) ?? '')?.find((field) => field.name === name)?.unit ?? '';
  }, [devices, profiles]);
}
