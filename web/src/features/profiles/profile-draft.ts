import type { ProfileChange } from '@/lib/api/profiles';
import type { Profile } from '@/lib/api/types';
import { parseNumber } from '@/lib/forms';

/** A field as typed: numbers are text until they are sent. */
export interface FieldDraft {
  /** Stays while the field is moved or renamed. */
  key: number;
  name: string;
  unit: string;
  required: boolean;
  min: string;
  max: string;
  nominal_min: string;
  nominal_max: string;
}

export interface ProfileDraft {
  type: string;
  fields: FieldDraft[];
}

let lastKey = 0;

export function emptyField(): FieldDraft {
  lastKey += 1;
  return {
    key: lastKey,
    ...{ name: '', unit: '', required: false, min: '', max: '', nominal_min: '', nominal_max: '' },
  };
}

const numberText = (value: number | null) => (value === null ? '' : String(value));

export function draftOfProfile(profile: Profile | null): ProfileDraft {
  if (!profile) return { type: '', fields: [emptyField()] };
  return {
    type: profile.type,
    fields: profile.fields.map((field) => ({
      key: emptyField().key,
      name: field.name,
      unit: field.unit,
      required: field.required,
      min: numberText(field.min),
      max: numberText(field.max),
      nominal_min: numberText(field.nominal_min),
      nominal_max: numberText(field.nominal_max),
    })),
  };
}

const kNumbers = ['min', 'max', 'nominal_min', 'nominal_max'] as const;

/** What is left empty is left out; what is no number is sent as it is, for the server to say so. */
function fieldBody(field: FieldDraft): Record<string, unknown> {
  const body: Record<string, unknown> = {
    name: field.name.trim(),
    unit: field.unit.trim(),
    required: field.required,
  };
  for (const name of kNumbers) {
    if (field[name].trim() !== '') body[name] = parseNumber(field[name]) ?? field[name];
  }
  return body;
}

export function changeOf(draft: ProfileDraft, version: number | undefined): ProfileChange {
  return { type: draft.type.trim(), version, fields: draft.fields.map(fieldBody) };
}

/** The paths of a row's inputs, as errorsByRow names them. */
export const inputsOf = ({ key }: FieldDraft): string[] =>
  ['name', 'unit', ...kNumbers].map((name) => `${key}.${name}`);

/** The server names `fields[2].min`; a row is known here by its key: `7.min`. */
export function errorsByRow(
  details: Record<string, string>,
  fields: readonly FieldDraft[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(details).map(([path, message]) => {
      const [, index, member] = /^fields\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
      const row = index === undefined ? undefined : fields[Number(index)];
      return [row && member ? `${row.key}.${member}` : path, message];
    }),
  );
}
