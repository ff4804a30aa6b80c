import { describe, expect, it } from 'vitest';
import type { ProfileField } from './api/types';
import { describeDetail, describeFields, fieldLabel, isNominal, readingFields } from './fields';

const field = (name: string, unit: string): ProfileField => ({
  name,
  unit,
  required: true,
  min: 0,
  max: 500,
  nominal_min: 10,
  nominal_max: 60,
});

describe('describeFields', () => {
  it('puts power first, then the profile, then what only readings know', () => {
    const fields = describeFields(
      [field('pressure', 'bar'), field('voltage', 'V'), field('power', 'W')],
      ['power', 'vibration'],
      { vibration: 'mm/s' },
    );
    expect(fields.map(({ name, unit }) => [name, unit])).toEqual([
      ['power', 'W'],
      ['voltage', 'V'],
      ['pressure', 'bar'],
      ['vibration', 'mm/s'],
    ]);
  });

  it('keeps the colour of a known field whichever others there are', () => {
    const alone = describeFields([field('temperature', '°C')])[0];
    const together = describeFields([field('power', 'W'), field('temperature', '°C')])[1];
    expect(alone?.slot).toBe(together?.slot);
  });

  it('repeats no colour while one is left', () => {
    const names = ['power', 'flow', 'inlet', 'outlet', 'oil', 'hours', 'vibration', 'humidity'];
    expect(new Set(describeFields([], names).map(({ slot }) => slot)).size).toBe(8);
  });

  it('gives every field a slot of the palette', () => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
    for (const { slot } of describeFields([], names)) expect(slot).toBeLessThan(8);
  });
});

describe('isNominal', () => {
  const temperature = describeFields([field('temperature', '°C')])[0];

  it('includes the limits', () => {
    if (!temperature) throw new Error('no field');
    expect([9.9, 10, 60, 60.1].map((value) => isNominal(value, temperature))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isNominal(null, temperature)).toBe(true);
  });
});

describe('texts', () => {
  it('makes names readable', () => {
    expect(fieldLabel('power_factor')).toBe('Power factor');
    expect(readingFields({ device_id: 'D1', timestamp: 'x', power: 0 })).toEqual(['power']);
  });

  it('takes units out of the names of details', () => {
    expect(describeDetail('rated_power_w', 60)).toEqual({
      label: 'Rated power',
      text: '60\u00a0W',
    });
    expect(describeDetail('serial_a', 'AX-1')).toEqual({ label: 'Serial a', text: 'AX-1' });
    expect(describeDetail('tags', ['a'])).toEqual({ label: 'Tags', text: '["a"]' });
  });
});
