/** A number made readable: `text` and `unit` are shown in different weights, so they come apart. */
export interface Quantity {
  text: string;
  unit: string;
}

export interface Scale {
  factor: number;
  unit: string;
}

/** Units that take SI prefixes. Others (°C, %, s, …) are shown as they are. */
const kScaled = new Set(['W', 'Wh', 'V', 'A', 'VA', 'var', 'varh', 'VAh', 'Hz', 'J', 'g']);
const kPrefixes = [
  { factor: 1e9, prefix: 'G' },
  { factor: 1e6, prefix: 'M' },
  { factor: 1e3, prefix: 'k' },
  { factor: 1, prefix: '' },
  { factor: 1e-3, prefix: 'm' },
] as const;
/** Below this, the smaller prefix reads better: 0.26 A stays, 0.02 A becomes 20 mA. */
const kSmall = 0.1;

/** The scale in which a value of this size reads best. */
export function scaleFor(magnitude: number, unit: string): Scale {
  const size = Math.abs(magnitude);
  if (!kScaled.has(unit) || size === 0 || !Number.isFinite(size)) return { factor: 1, unit };
  for (const { factor, prefix } of kPrefixes) {
    const least = factor === 1 ? kSmall : factor;
    if (size >= least) return { factor, unit: prefix + unit };
  }
  return { factor: 1e-3, unit: `m${unit}` };
}

function decimalsFor(size: number): number {
  if (size >= 1000) return 0;
  if (size >= 10) return 1;
  return 2;
}

/** Fixed decimals for the size of the value, so that live figures do not jump about. */
export function formatNumber(value: number, decimals = decimalsFor(Math.abs(value))): string {
  // -0.001 rounds to "-0.00", which reads as a fault.
  const rounded = Number(value.toFixed(decimals));
  return (rounded === 0 ? 0 : rounded).toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** `formatQuantity(1532, 'W')` is `{ text: '1.53', unit: 'kW' }`. Absent values read as a dash. */
export function formatQuantity(value: number | null | undefined, unit = ''): Quantity {
  if (value === null || value === undefined || !Number.isFinite(value)) return { text: '–', unit };
  const scale = scaleFor(value, unit);
  return { text: formatNumber(value / scale.factor), unit: scale.unit };
}

/** Value and unit in one text. `%` and `°C` follow after a no-break space like any unit. */
export function formatValue(value: number | null | undefined, unit = ''): string {
  const { text, unit: shown } = formatQuantity(value, unit);
  return shown === '' ? text : `${text}\u00a0${shown}`;
}

/** A threshold or range limit as a person typed it: no padded zeros. */
export function formatPlain(value: number, unit = ''): string {
  const text = value.toLocaleString('en-US', { maximumFractionDigits: 3 });
  return unit === '' ? text : `${text}\u00a0${unit}`;
}

/** Limits in the prefix of the larger one: `390 – 410 V`, `up to 45 kW`; null without any. */
export function formatLimits(min: number | null, max: number | null, unit: string): string | null {
  const scale = scaleFor(max ?? min ?? 0, unit);
  const plain = (limit: number, shown?: string) => formatPlain(limit / scale.factor, shown);
  if (min !== null && max !== null) return `${plain(min)} – ${plain(max, scale.unit)}`;
  if (max !== null) return `up to ${plain(max, scale.unit)}`;
  return min === null ? null : `from ${plain(min, scale.unit)}`;
}

/** Decimal prefixes, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  const decimals = index === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(decimals)}\u00a0${units[index] ?? 'B'}`;
}

/** Counts from ten thousand on are shortened: 12.3k, 4.1M. */
export function formatCount(count: number): string {
  if (count < 10_000) return count.toLocaleString('en-US');
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
    .format(count)
    .replace('K', 'k');
}

/** Readings a second. */
export function formatRate(rate: number): string {
  if (rate >= 100) return formatCount(Math.round(rate));
  return rate.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** A share in percent; 99.996 % must not read as 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (part / whole) * 100;
  if (percent === 100) return '100\u00a0%';
  return `${Math.min(percent, 99.99).toFixed(2)}\u00a0%`;
}

/** `1 line`, `1,203 lines`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
