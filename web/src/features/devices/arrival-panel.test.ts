import { describe, expect, it } from 'vitest';
import { describeRejected } from './arrival-panel';
import { describeCompleteness } from './statistics-panel';

describe('describeRejected', () => {
  it('names only the reasons that occurred', () => {
    const none = { parse_error: 0, validation_error: 0, unknown_device: 0, write_error: 0 };
    expect(describeRejected(none)).toBe('');
    expect(describeRejected({ ...none, parse_error: 2, write_error: 1500 })).toBe(
      '2 unreadable, 1,500 not written',
    );
  });
});

describe('describeCompleteness', () => {
  const statistics = {
    ...{ device_id: 'D1', readings: 17_279, expected: 17_280, reporting_interval_s: 5 },
    ...{ missing_rate: 1 / 17_280, uptime: 1, source: 'raw' as const, fields: {} },
    ...{ first_at: null, last_at: null, start: '', end: '' },
  };

  it('tells what is there of what was expected', () => {
    expect(describeCompleteness(statistics)).toBe(
      '17.3k of 17.3k readings, one expected each 5\u00a0s · 0.01\u00a0% missing · up 100\u00a0%',
    );
  });

  it('leaves out what is unknown where nothing was expected', () => {
    const text = describeCompleteness({ ...statistics, missing_rate: null, uptime: null });
    expect(text).not.toMatch(/missing|up /);
  });
});
