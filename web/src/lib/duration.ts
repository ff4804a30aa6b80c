/** A length of time as typed. */
export interface DurationText {
  amount: string;
  unit: DurationUnit;
}

export type DurationUnit = 's' | 'min' | 'h' | 'd';

const kSeconds: Record<DurationUnit, number> = { s: 1, min: 60, h: 3_600, d: 86_400 };
export const kDurationUnits = Object.keys(kSeconds) as DurationUnit[];

export const kNoDuration: DurationText = { amount: '', unit: 'min' };

/** Whole seconds; 0 for an empty text, null for what is no number. A comma is taken as a decimal point. */
export function secondsOf({ amount, unit }: DurationText): number | null {
  const text = amount.trim().replace(',', '.');
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? Math.round(value * kSeconds[unit]) : null;
}

/** In the largest unit that needs no fraction; empty for 0. */
export function durationText(seconds: number): DurationText {
  if (seconds === 0) return kNoDuration;
  const unit = [...kDurationUnits].reverse().find((one) => seconds % kSeconds[one] === 0) ?? 's';
  return { amount: String(seconds / kSeconds[unit]), unit };
}
