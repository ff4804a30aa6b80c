import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlertRefresher } from './alert-stream';

vi.mock('@/lib/api/instance', () => ({ api: {} }));

describe('AlertRefresher', () => {
  const invalidateQueries = vi.fn(() => Promise.resolve());

  beforeEach(() => {
    vi.useFakeTimers();
    invalidateQueries.mockClear();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks once for changes that come together', () => {
    const refresher = new AlertRefresher({ invalidateQueries });
    for (let n = 0; n < 100; ++n) refresher.changed();
    expect(invalidateQueries).not.toHaveBeenCalled();
    vi.advanceTimersByTime(300);
    expect(invalidateQueries).toHaveBeenCalledTimes(1);
    refresher.changed();
    vi.advanceTimersByTime(300);
    expect(invalidateQueries).toHaveBeenCalledTimes(2);
  });

  it('asks again when the connection is back, not when it is new', () => {
    const refresher = new AlertRefresher({ invalidateQueries });
    refresher.connected();
    vi.advanceTimersByTime(300);
    expect(invalidateQueries).not.toHaveBeenCalled();
    refresher.connected();
    vi.advanceTimersByTime(300);
    expect(invalidateQueries).toHaveBeenCalledTimes(1);
  });

  it('asks for nothing once it has stopped', () => {
    const refresher = new AlertRefresher({ invalidateQueries });
    refresher.changed();
    refresher.stop();
    vi.advanceTimersByTime(300);
    expect(invalidateQueries).not.toHaveBeenCalled();
  });
});
