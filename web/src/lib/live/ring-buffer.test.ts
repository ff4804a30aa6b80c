import { describe, expect, it } from 'vitest';
import { RingBuffer } from './ring-buffer';

describe('RingBuffer', () => {
  it('keeps the newest items in order and says when it drops', () => {
    const buffer = new RingBuffer<number>(3);
    expect([1, 2, 3, 4, 5].map((item) => buffer.push(item))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(buffer.toArray()).toEqual([3, 4, 5]);
    expect(buffer.last()).toBe(5);
    expect(buffer.size).toBe(3);
  });

  it('starts over after a drain', () => {
    const buffer = new RingBuffer<number>(2);
    for (const item of [1, 2, 3]) buffer.push(item);
    expect(buffer.drain()).toEqual([2, 3]);
    expect(buffer.size).toBe(0);
    expect(buffer.last()).toBeUndefined();
    buffer.push(9);
    expect(buffer.toArray()).toEqual([9]);
    expect(buffer.last()).toBe(9);
  });

  it.each([0, -1, 1.5])('refuses a capacity of %d', (capacity) => {
    expect(() => new RingBuffer(capacity)).toThrow(RangeError);
  });
});
