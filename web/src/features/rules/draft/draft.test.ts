import { describe, expect, it } from 'vitest';
import type { Rule } from '@/lib/api/types';
import { plainRule } from '../fixtures';
import { draftOfRule, emptyRule, type RuleDraft } from './rule-draft';
import { checkRule, placeErrors, ruleOf } from './rule-request';
import { isBlank, spokenDraft, suggestName } from './spoken';

const unitOf = () => 'W';
const nameOf = (id: string) => (id === 'D1' ? 'Office Bulb' : id);

/** A complete draft whose first condition has these properties. */
function drafted(
  condition: Partial<RuleDraft['conditions'][number]>,
  rule: Partial<RuleDraft> = {},
) {
  const draft = emptyRule({ deviceId: 'D1', property: 'power' });
  const conditions = draft.conditions.map((one) => ({ ...one, threshold: '100', ...condition }));
  return { ...draft, conditions, ...rule };
}

const full: Rule = {
  ...plainRule,
  device_id: null,
  device_tag: { name: 'site', value: 'north' },
  conditions: [
    {
      ...{ kind: 'aggregate', property: 'power', operator: '>', threshold: 100 },
      ...{ clear_threshold: 95, aggregate: 'max', window_s: 90 },
    },
    {
      ...{ kind: 'no_data', property: 'voltage', operator: '>=', threshold: 3600 },
      clear_threshold: null,
    },
  ],
  join: 'any',
  levels: [{ severity: 'critical', threshold: 120 }],
  for_s: 120,
  clear_for_s: 30,
  schedule: {
    ...{ time_zone: 'Europe/Berlin', weekdays: ['mon'], times: [{ from: '22:00', to: '06:00' }] },
    ...{ holidays: ['2026-12-25'], outside: true },
  },
  auto_resolve: false,
};

describe('a draft', () => {
  it('says of an empty rule what is missing, and that alone', () => {
    expect(Object.keys(checkRule(emptyRule()))).toEqual([
      'device_id',
      'conditions[0].property',
      'conditions[0].threshold',
    ]);
  });

  it('names what is no number', () => {
    const draft = drafted(
      { kind: 'aggregate', threshold: 'much', clear: 'less', window: { amount: 'x', unit: 's' } },
      { cooldown: '', hold: { amount: '-1', unit: 's' } },
    );
    expect(Object.keys(checkRule(draft))).toEqual([
      'conditions[0].threshold',
      'conditions[0].clear_threshold',
      'conditions[0].window_s',
      'for_s',
      'cooldown_minutes',
    ]);
  });

  it('keeps everything of a stored rule', () => {
    const { id, status, version, created_by, created_at, updated_at, last_triggered, ...fields } =
      full;
    expect([id, status, version, created_by, created_at, updated_at, last_triggered]).toHaveLength(
      7,
    );
    const sent = ruleOf(draftOfRule(full), '');
    for (const [name, value] of Object.entries(sent)) {
      expect([name, value]).toEqual([name, fields[name as keyof typeof fields]]);
    }
    expect(checkRule(draftOfRule(full))).toEqual({});
  });

  it('sends one target alone, and no clear threshold that has no use', () => {
    const draft = drafted({ operator: '=', clear: '90' });
    const sent = ruleOf({ ...draft, target: { ...draft.target, kind: 'all' } }, 'Any');
    expect(sent).toMatchObject({ all_devices: true, name: 'Any' });
    expect(sent).not.toHaveProperty('device_id');
    expect(sent.conditions[0]?.clear_threshold).toBeNull();
  });

  it('suggests a name from what it watches', () => {
    const spoken = spokenDraft(drafted({}), nameOf);
    expect(suggestName(spoken, unitOf)).toBe('Power on Office Bulb is above 100 W');
    expect(isBlank(spoken)).toBe(false);
    expect(isBlank(spokenDraft(emptyRule(), nameOf))).toBe(true);
  });
});

describe('placeErrors', () => {
  it('puts the fields of a plain rule to its only condition', () => {
    expect(placeErrors({ threshold: 'a', for_s: 'b', 'conditions[1].property': 'c' })).toEqual({
      'conditions[0].threshold': 'a',
      for_s: 'b',
      'conditions[1].property': 'c',
    });
  });
});
