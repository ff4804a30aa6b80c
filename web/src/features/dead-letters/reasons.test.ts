import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '@/lib/api/types';
import { deviceChoices } from './reasons';

const from = (device_id: string | null) => ({ device_id }) as DeadLetter;

describe('deviceChoices', () => {
  const names = new Map([['D1', 'Electric Bulb']]);

  it('adds ids nobody registered once, after the registered ones', () => {
    expect(deviceChoices(names, [from('D9'), from('D1'), from(null), from('D9')], 'A1')).toEqual([
      { value: 'D1', label: 'Electric Bulb' },
      { value: 'A1', label: 'A1' },
      { value: 'D9', label: 'D9' },
    ]);
  });

  it('adds nothing without a device', () => {
    expect(deviceChoices(names, [from(null)], '')).toHaveLength(1);
  });
});
