import { useMemo } from 'react';
import { useDeviceOptions } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';
import type { Profile, Rule } from '@/lib/api/types';
import type { UnitOf } from '@/lib/rule-sentence';

/** The unit that all of these profiles give a field; empty while unknown, or where they differ. */
export function commonUnit(profiles: readonly Profile[], field: string): string {
  const units = new Set(
    profiles.flatMap(({ fields }) =>
      fields.filter(({ name }) => name === field).map(({ unit }) => unit),
    ),
  );
  return units.size === 1 ? ([...units][0] ?? '') : '';
}

/** The units of the fields that a rule watches, by way of the profiles of its devices. */
export function useUnits(): (rule: Rule) => UnitOf {
  const devices = useDeviceOptions().data?.devices;
  const profiles = useProfiles().data?.profiles;
  return useMemo(() => {
    const types = new Map(devices?.map((device) => [device.id, device.type]));
    const all = profiles ?? [];
    return (rule) => {
      const type = rule.device_type ?? types.get(rule.device_id ?? '');
      const known = type === undefined ? all : all.filter((profile) => profile.type === type);
      return (field) => commonUnit(known, field);
    };
  }, [devices, profiles]);
}
