import type { DeadLetter, DeadLetterReason } from '@/lib/api/types';

interface Reason {
  label: string;
  hint: string;
  /** Palette path. */
  color: string;
}

export const kReasons: Record<DeadLetterReason, Reason> = {
  parse_error: {
    label: 'Unreadable',
    hint: 'The message is not a reading in JSON',
    color: 'severity.high',
  },
  validation_error: {
    label: 'Invalid',
    hint: 'A field is missing, wrong or outside what the profile accepts',
    color: 'warning.main',
  },
  unknown_device: {
    label: 'Unknown device',
    hint: 'Nobody registered this device',
    color: 'info.main',
  },
  write_error: {
    label: 'Not written',
    hint: 'The reading was good, but could not be stored',
    color: 'error.main',
  },
};

export const kReasonNames = Object.keys(kReasons) as DeadLetterReason[];

export interface Choice {
  value: string;
  label: string;
}

/** Registered devices by name, then ids nobody registered: those on this page and the one asked for. */
export function deviceChoices(
  names: ReadonlyMap<string, string>,
  letters: readonly DeadLetter[],
  asked: string,
): Choice[] {
  const ids = [asked, ...letters.map((letter) => letter.device_id ?? '')];
  const unknown = [...new Set(ids)].filter((id) => id !== '' && !names.has(id)).sort();
  return [
    ...[...names].map(([value, label]) => ({ value, label })),
    ...unknown.map((id) => ({ value: id, label: id })),
  ];
}
