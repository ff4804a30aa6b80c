import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatPlain,
  formatQuantity,
  formatRate,
  formatShare,
  formatValue,
  scaleFor,
} from './units';

describe('formatQuantity', () => {
  it.each([
    [59.94, 'W', '59.9', 'W'],
    [1532, 'W', '1.53', 'kW'],
    [412_345, 'W', '412.3', 'kW'],
    [2_500_000, 'Wh', '2.50', 'MWh'],
    [0.26, 'A', '0.26', 'A'],
    [0.02, 'A', '20.0', 'mA'],
    [230.5, 'V', '230.5', 'V'],
    [-1532, 'W', '-1.53', 'kW'],
    [0, 'W', '0.00', 'W'],
    [1500, '°C', '1,500', '°C'],
    [45.53, '%', '45.5', '%'],
  ])('shows %d %s as %s %s', (value, unit, text, shown) => {
    expect(formatQuantity(value, unit)).toEqual({ text, unit: shown });
  });

  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    'shows %s as a dash',
    (value) => {
      expect(formatQuantity(value, 'W')).toEqual({ text: '–', unit: 'W' });
    },
  );
});

describe('formatNumber', () => {
  it('never shows a negative zero', () => {
    expect(formatNumber(-0.001)).toBe('0.00');
  });

  it('keeps the decimals, so that live figures do not jump', () => {
    expect(formatNumber(50)).toBe('50.0');
  });
});

describe('scaleFor', () => {
  it('leaves units without prefixes alone', () => {
    expect(scaleFor(12_000, 'bar')).toEqual({ factor: 1, unit: 'bar' });
  });

  it('scales by size, whatever the sign', () => {
    expect(scaleFor(-4_500, 'W')).toEqual({ factor: 1e3, unit: 'kW' });
  });
});

describe('other formatters', () => {
  it('joins value and unit with a no-break space', () => {
    expect(formatValue(1532, 'W')).toBe('1.53\u00a0kW');
    expect(formatValue(12, '')).toBe('12.0');
  });

  it('shows limits as typed', () => {
    expect(formatPlain(50, '°C')).toBe('50\u00a0°C');
    expect(formatPlain(49.8)).toBe('49.8');
  });

  it.each([
    [0, '0\u00a0B'],
    [999, '999\u00a0B'],
    [1_840_000_000, '1.8\u00a0GB'],
    [212_000_000, '212\u00a0MB'],
    [999_600, '1.0\u00a0MB'],
  ])('shows %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('shortens large counts only', () => {
    expect(formatCount(9_999)).toBe('9,999');
    expect(formatCount(12_873_412)).toBe('12.9M');
    expect(formatCount(12_345)).toBe('12.3k');
  });

  it('keeps a decimal in small rates', () => {
    expect(formatRate(0.25)).toBe('0.3');
    expect(formatRate(1240.4)).toBe('1,240');
  });

  it('does not round a blemish away', () => {
    expect(formatShare(999_999, 1_000_000)).toBe('99.99\u00a0%');
    expect(formatShare(10, 10)).toBe('100\u00a0%');
    expect(formatShare(0, 0)).toBe('–');
  });
});
