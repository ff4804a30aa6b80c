import { useMemo } from 'react';
import { useDeviceOptions } from '@/lib/api/devices';
import { useProfiles } from '@/lib/api/profiles';
import type { Device, ProfileField } from '@/lib/api/types';
import type { UnitOf } from '@/lib/rule-sentence';
import type { TargetDraft } from './draft/rule-draft';
import { commonUnit } from './use-units';

export interface TargetView {
  /** Those that are watched, as far as they are known. */
  devices: readonly Device[];
  /** All that can be chosen. */
  all: readonly Device[];
  types: readonly string[];
  /** What readings of the watched devices can have; the ranges are those of one type alone. */
  fields: readonly ProfileField[];
  unitOf: UnitOf;
  nameOf: (deviceId: string) => string;
}

function watched(target: TargetDraft, all: readonly Device[]): readonly Device[] {
  switch (target.kind) {
    case 'device':
      return all.filter(({ id }) => id === target.deviceId);
    case 'type':
      return all.filter(({ type }) => type === target.deviceType.trim());
    case 'tag':
      return all.filter(
        ({ metadata }) => metadata[target.tagName.trim()] === target.tagValue.trim(),
      );
    case 'all':
      return all;
  }
}

/** What a target stands for: its devices, and the fields and units that their profiles give. */
export function useTarget(target: TargetDraft): TargetView {
  const devices = useDeviceOptions().data?.devices;
  const profiles = useProfiles().data?.profiles;
  return useMemo(() => {
    const all = devices ?? [];
    const chosen = watched(target, all);
    const types = new Set(
      target.kind === 'type' ? [target.deviceType.trim()] : chosen.map(({ type }) => type),
    );
    const known = (profiles ?? []).filter(({ type }) => types.has(type));
    // Before anything is chosen, everything may be.
    const from = types.size === 0 ? (profiles ?? []) : known;
    const fields = new Map(from.flatMap((profile) => profile.fields.map((one) => [one.name, one])));
    const names = new Map(all.map(({ id, name }) => [id, name]));
    return {
      devices: chosen,
      all,
      types: (profiles ?? []).map(({ type }) => type),
      fields: [...fields.values()],
      unitOf: (field) => commonUnit(from, field),
      nameOf: (id) => names.get(id) ?? id,
    };
  }, [devices, profiles, target]);
}
