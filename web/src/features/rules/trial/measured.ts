import { formatNumber } from '@/lib/units';

/** What was measured, in the unit of the threshold that it is compared with. */
export function measured(value: number, unit: string): string {
  return unit === '' ? formatNumber(value) : `${formatNumber(value)}\u00a0${unit}`;
}
