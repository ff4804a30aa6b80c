import { describe, expect, it } from 'vitest';
import { describeEvent, describeOutcome, possibleActions } from './alert-actions';

const names = (alert: Parameters<typeof possibleActions>[0]) => [...possibleActions(alert)].sort();
const going = { resolved_at: null, shelved_until: null };
const later = '2026-02-07T12:00:00Z';

describe('possibleActions', () => {
  it('offers what the server admits in each status', () => {
    expect(names({ status: 'open', ...going })).toEqual([
      'acknowledge',
      'assign',
      'comment',
      'resolve',
      'shelve',
    ]);
    expect(names({ status: 'acknowledged', ...going })).not.toContain('acknowledge');
    expect(names({ status: 'resolved', ...going, resolved_at: later })).toEqual([
      'comment',
      'reopen',
    ]);
    expect(names({ status: 'suppressed', ...going })).toEqual(['comment', 'resolve']);
    expect(names({ status: 'suppressed', ...going, resolved_at: later })).toEqual(['comment']);
  });

  it('unshelves only what is shelved', () => {
    expect(names({ status: 'open', ...going, shelved_until: later })).toContain('unshelve');
    expect(names({ status: 'open', ...going })).not.toContain('unshelve');
  });
});

describe('describeOutcome', () => {
  it('says how many changed and how many did not', () => {
    expect(describeOutcome('acknowledge', 1, 0)).toBe('1 alert was acknowledged.');
    expect(describeOutcome('resolve', 3, 1)).toBe('3 alerts were resolved, 1 was left as it is.');
    expect(describeOutcome('shelve', 0, 2)).toBe('2 alerts were left unchanged.');
  });
});

describe('describeEvent', () => {
  const event = { actor: null, before: null, after: {} };
  const say = (change: Partial<Parameters<typeof describeEvent>[0]>) =>
    describeEvent({ action: 'raised', ...event, ...change }, (id) => `<${id}>`);

  it('tells what people did from what happened by itself', () => {
    expect(say({ action: 'resolved' })).toBe('Cleared by itself');
    expect(say({ action: 'resolved', actor: 'ann@example.com' })).toBe(
      'Resolved by ann@example.com',
    );
    expect(say({ action: 'unshelved' })).toBe('Back from the shelf: the time is over');
  });

  it('names severities and assignees', () => {
    expect(
      say({ action: 'escalated', before: { severity: 'medium' }, after: { severity: 'critical' } }),
    ).toBe('Escalated from medium to critical');
    expect(say({ action: 'assigned', actor: 'ann', after: { assigned_to: 'u1' } })).toBe(
      'Assigned to <u1> by ann',
    );
    expect(say({ action: 'assigned', actor: 'ann', after: { assigned_to: null } })).toBe(
      'Assigned to nobody by ann',
    );
    expect(say({ after: { status: 'suppressed' } })).toBe('Raised within the cooldown');
  });
});
