import { describe, expect, it } from 'vitest';
import { parseNumber } from '@/lib/forms';
import { checkRule, kEmptyRule, ruleOf, summarize, type RuleDraft } from './rule-draft';

const draft: RuleDraft = {
  ...kEmptyRule,
  name: ' Bulb overheat ',
  deviceId: 'D1',
  property: 'temperature',
  threshold: '50',
  clearThreshold: '48,5',
  severity: 'high',
};

describe('checkRule', () => {
  it('takes a complete rule', () => {
    expect(checkRule(draft)).toEqual({});
  });

  it('names every missing field', () => {
    expect(Object.keys(checkRule({ ...kEmptyRule, cooldown: '' }))).toEqual([
      'name',
      'device_id',
      'property',
      'threshold',
      'cooldown_minutes',
    ]);
  });

  it('wants the clear threshold on the harmless side', () => {
    expect(checkRule({ ...draft, clearThreshold: '51' })).toHaveProperty('clear_threshold');
    expect(checkRule({ ...draft, operator: '<', clearThreshold: '51' })).toEqual({});
  });
});

describe('ruleOf', () => {
  it('sends trimmed texts and numbers', () => {
    expect(ruleOf(draft)).toMatchObject({
      name: 'Bulb overheat',
      threshold: 50,
      clear_threshold: 48.5,
      description: null,
    });
  });

  it('drops a clear threshold that the operator has no use for', () => {
    expect(ruleOf({ ...draft, operator: '=' }).clear_threshold).toBeNull();
  });
});

describe('summarize', () => {
  it('reads as a sentence', () => {
    expect(summarize(draft, 'Electric Bulb', '°C')).toBe(
      'Raises a high alert while temperature of Electric Bulb is above 50\u00a0°C. ' +
        'It clears once temperature is back below 48.5\u00a0°C.',
    );
  });

  it('leaves gaps for what is not typed yet', () => {
    expect(summarize({ ...kEmptyRule, property: 'power' }, '', '')).toBe(
      'Raises a medium alert while power of … is ….',
    );
    expect(summarize(kEmptyRule, '', '')).toBeNull();
  });
});

describe('parseNumber', () => {
  it.each([
    ['0', 0],
    ['-1.5', -1.5],
    ['1,5', 1.5],
    ['', null],
    ['5 V', null],
    ['Infinity', null],
  ])('reads "%s" as %s', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });
});
