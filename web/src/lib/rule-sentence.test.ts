import { describe, expect, it } from 'vitest';
import { describeSchedule } from './rule-schedule';
import {
  plainText,
  thenWords,
  whenPieces,
  type SpokenCondition,
  type SpokenRule,
} from './rule-sentence';

const power: SpokenCondition = {
  kind: 'threshold',
  property: 'power',
  operator: '>',
  threshold: 100,
  clear: null,
  aggregate: 'mean',
  windowS: 300,
};
const plain: SpokenRule = {
  target: 'Office Bulb',
  conditions: [power],
  join: 'all',
  levels: [],
  forS: 0,
  clearForS: 0,
  severity: 'high',
  schedule: null,
  autoResolve: true,
};
const unitOf = (property: string) => ({ power: 'W', temperature: '°C' })[property] ?? '';
const say = (rule: Partial<SpokenRule>) => {
  const spoken = { ...plain, ...rule };
  return (plainText(whenPieces(spoken, unitOf)) + thenWords(spoken, unitOf)).replaceAll(
    '\u00a0',
    ' ',
  );
};
const one = (condition: Partial<SpokenCondition>) => ({ conditions: [{ ...power, ...condition }] });

describe('the sentence of a rule', () => {
  it.each<[string, Partial<SpokenRule>]>([
    ['When power on Office Bulb is above 100 W, raise a high alert.', {}],
    [
      'When the mean of power over 5 min on any bulb stays above 100 W for 2 min, raise a high alert.',
      { ...one({ kind: 'aggregate' }), target: 'any bulb', forS: 120 },
    ],
    [
      'When the number of readings of power over 5 min on Office Bulb is below 3, raise a high alert.',
      one({ kind: 'aggregate', aggregate: 'count', operator: '<', threshold: 3 }),
    ],
    [
      'When power on Office Bulb falls by at least 20 W within 5 min, raise a high alert.',
      one({ kind: 'change', operator: '<=', threshold: -20 }),
    ],
    [
      'When power on Office Bulb changes by below 20 W within 5 min, raise a high alert.',
      one({ kind: 'change', operator: '<', threshold: 20 }),
    ],
    [
      'When no power arrives from Office Bulb for 1 min 30 s, raise a high alert, critical after 10 min.',
      {
        ...one({ kind: 'no_data', operator: '>=', threshold: 90 }),
        levels: [{ severity: 'critical', threshold: 600 }],
      },
    ],
    [
      'When, on any bulb, power is above 100 W or temperature is above 50 °C, and stays so for 1 min, raise a high alert.',
      {
        target: 'any bulb',
        conditions: [power, { ...power, property: 'temperature', threshold: 50 }],
        join: 'any',
        forS: 60,
      },
    ],
    [
      'When power on Office Bulb is above 100 W, raise a high alert, critical above 120 W. ' +
        'It clears once power is back below 95 W for 1 min.',
      {
        ...one({ clear: 95 }),
        clearForS: 60,
        levels: [{ severity: 'critical', threshold: 120 }],
      },
    ],
    [
      'When power on Office Bulb is above 100 W, raise a high alert. The alert stays open until someone resolves it.',
      { ...one({ clear: 95 }), autoResolve: false },
    ],
    [
      'When … on … is above …, raise a high alert.',
      { target: '', ...one({ property: '', threshold: null }) },
    ],
  ])('says "%s"', (text, rule) => {
    expect(say(rule)).toBe(text);
  });
});

describe('describeSchedule', () => {
  const schedule = {
    time_zone: 'Europe/Berlin',
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'] as const,
    times: [{ from: '08:00', to: '18:00' }],
    holidays: ['2026-12-25'],
    outside: false,
  };
  const words = (change: object) =>
    describeSchedule({ ...schedule, weekdays: [...schedule.weekdays], ...change });

  it('tells runs of days by their ends', () => {
    expect(words({})).toBe('Mon–Fri, Sun, 08:00–18:00 (Europe/Berlin), except 1 holiday');
  });

  it('needs no days where all count', () => {
    const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    expect(words({ weekdays, holidays: [], outside: true })).toBe(
      'outside daily, 08:00–18:00 (Europe/Berlin)',
    );
    expect(words({ weekdays, holidays: [], times: [] })).toBe('every day (Europe/Berlin)');
  });
});
