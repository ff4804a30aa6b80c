import { describe, expect, it } from 'vitest';
import { kDay } from '@/lib/time';
import { alertFilters } from './alert-filters';

function read(search: string) {
  const parameters = new URLSearchParams(search);
  return alertFilters((name, otherwise = '') => parameters.get(name) ?? otherwise);
}

describe('alertFilters', () => {
  it('shows what is active, the newest first, unless told otherwise', () => {
    const { tab, sort, query, spanMs } = read('');
    expect(tab.value).toBe('active');
    expect(sort).toBe('-created_at');
    expect(query).toEqual({ status: ['open', 'acknowledged'] });
    expect(spanMs).toBeUndefined();
  });

  it('reads the filters from the URL', () => {
    const { query, sort, spanMs } = read(
      'status=all&severity=high&device=D1&assigned=me&shelved=only&search=fan&range=7d&sort=-severity',
    );
    expect(query).toEqual({
      severity: ['high'],
      device_id: 'D1',
      assigned_to: 'me',
      shelved: 'only',
      search: 'fan',
    });
    expect(sort).toBe('-severity');
    expect(spanMs).toBe(7 * kDay);
  });

  it('takes no notice of what the URL says wrongly', () => {
    const { tab, query, sort } = read('status=x&severity=x&assigned=x&shelved=x&range=x&sort=x');
    expect(tab.value).toBe('active');
    expect(query).toEqual({ status: ['open', 'acknowledged'] });
    expect(sort).toBe('-created_at');
  });
});
