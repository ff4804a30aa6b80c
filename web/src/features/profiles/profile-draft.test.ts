import { describe, expect, it } from 'vitest';
import { changeOf, draftOfProfile, emptyField, errorsByRow } from './profile-draft';

const profile = {
  type: 'pump',
  version: 3,
  updated_at: '2026-02-07T11:26:00Z',
  fields: [
    {
      ...{ name: 'flow', unit: 'm³/h', required: true, min: 0, max: 40 },
      ...{ nominal_min: null, nominal_max: 0 },
    },
  ],
};

describe('changeOf', () => {
  it('sends back what came, zeros too, and leaves out what is none', () => {
    const change = changeOf(draftOfProfile(profile), 3);
    expect(change).toEqual({
      type: 'pump',
      version: 3,
      fields: [{ name: 'flow', unit: 'm³/h', required: true, min: 0, max: 40, nominal_max: 0 }],
    });
  });

  it('takes a decimal comma, and sends what is no number as it is', () => {
    const field = { ...emptyField(), name: ' flow ', min: '0,5', max: 'high' };
    expect(changeOf({ type: 'pump', fields: [field] }, undefined).fields).toEqual([
      { name: 'flow', unit: '', required: false, min: 0.5, max: 'high' },
    ]);
  });
});

describe('errorsByRow', () => {
  it('finds the row that the server means, and keeps what is about all of it', () => {
    const rows = [emptyField(), emptyField()];
    const errors = errorsByRow(
      { 'fields[1].min': 'is missing', type: 'is missing', 'fields[9].min': 'x' },
      rows,
    );
    expect(errors).toEqual({
      [`${rows[1]?.key}.min`]: 'is missing',
      type: 'is missing',
      'fields[9].min': 'x',
    });
  });
});
