import type { ProfileField, Reading } from './api/types';
import { formatPlain } from './units';

/** What this page knows of a field before any profile says so: where it belongs and its fixed colour. */
const kKnown = ['power', 'voltage', 'current', 'temperature'];

/** Slots of the theme's series palette. */
export const kSeriesSlots = 8;

export interface FieldInfo {
  name: string;
  label: string;
  unit: string;
  /** Slot of the series palette. */
  slot: number;
  /** Outside this range a reading is refused; unknown without a profile. */
  min: number | null;
  max: number | null;
  nominalMin: number | null;
  nominalMax: number | null;
}

/** `power_factor` reads as "Power factor". */
export function fieldLabel(name: string): string {
  const words = name.replace(/[_.-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function readingFields(reading: Reading | null | undefined): string[] {
  return Object.keys(reading ?? {}).filter((name) => typeof reading?.[name] === 'number');
}

export function readingValue(reading: Reading | null | undefined, field: string): number | null {
  const value = reading?.[field];
  return typeof value === 'number' ? value : null;
}

/** Power first, then the profile's order, then fields only readings know. A field keeps its colour everywhere. */
export function describeFields(
  profile: readonly ProfileField[] = [],
  seen: readonly string[] = [],
  units: Record<string, string> = {},
): FieldInfo[] {
  const names = [...new Set([...profile.map((field) => field.name), ...seen])];
  const known = kKnown.filter((name) => names.includes(name));
  const others = names.filter((name) => !kKnown.includes(name));
  // Slots of known fields serve others only when those that are nobody's own are used up.
  const free = [
    ...Array.from({ length: kSeriesSlots - kKnown.length }, (_, index) => kKnown.length + index),
    ...kKnown.flatMap((name, slot) => (names.includes(name) ? [] : [slot])),
  ];
  return [...known, ...others].map((name) => {
    const field = profile.find((candidate) => candidate.name === name);
    const fixed = kKnown.indexOf(name);
    return {
      name,
      label: fieldLabel(name),
      unit: field?.unit ?? units[name] ?? '',
      slot: fixed >= 0 ? fixed : (free[others.indexOf(name) % free.length] ?? 0),
      min: field?.min ?? null,
      max: field?.max ?? null,
      nominalMin: field?.nominal_min ?? null,
      nominalMax: field?.nominal_max ?? null,
    };
  });
}

export function isNominal(value: number | null, field: FieldInfo): boolean {
  if (value === null) return true;
  if (field.nominalMin !== null && value < field.nominalMin) return false;
  return field.nominalMax === null || value <= field.nominalMax;
}

/** Units that names of numbers end in, as in `rated_power_w`. */
const kUnitSuffixes: Record<string, string> = {
  w: 'W',
  kw: 'kW',
  wh: 'Wh',
  kwh: 'kWh',
  v: 'V',
  a: 'A',
  hz: 'Hz',
  c: '°C',
  s: 's',
  ms: 'ms',
  m2: 'm²',
};

/** A detail of a device as a person reads it: `rated_power_w: 60` is "Rated power", "60 W". */
export function describeDetail(key: string, value: unknown): { label: string; text: string } {
  if (typeof value === 'string') return { label: fieldLabel(key), text: value };
  const suffix = /^(.+)_([a-z0-9]+)$/.exec(key);
  const unit = kUnitSuffixes[suffix?.[2] ?? ''];
  if (typeof value === 'number' && unit !== undefined) {
    return { label: fieldLabel(suffix?.[1] ?? key), text: formatPlain(value, unit) };
  }
  return { label: fieldLabel(key), text: JSON.stringify(value) };
}
