import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useSelection } from './use-selection';

describe('useSelection', () => {
  it('ticks, unticks, and forgets what is no longer shown', () => {
    const { result, rerender } = renderHook(({ shown }) => useSelection(shown), {
      initialProps: { shown: [{ id: 'a' }, { id: 'b' }] },
    });
    act(() => {
      result.current.toggle('a');
      result.current.toggle('b');
    });
    expect([...result.current.selected]).toEqual(['a', 'b']);
    act(() => {
      result.current.toggle('a');
    });
    expect([...result.current.selected]).toEqual(['b']);
    rerender({ shown: [{ id: 'a' }] });
    expect(result.current.selected.size).toBe(0);
    act(() => {
      result.current.set(['a']);
    });
    expect([...result.current.selected]).toEqual(['a']);
  });
});
