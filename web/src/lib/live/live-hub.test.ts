import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Reading } from '@/lib/api/types';
import { LiveHub, type HubSocket } from './live-hub';
import type { SocketState } from './live-socket';

class FakeSocket implements HubSocket {
  state: SocketState = 'closed';
  open = vi.fn();
  retryNow = vi.fn();
  close = vi.fn();

  constructor(
    readonly message: (message: unknown) => void,
    readonly report: (state: SocketState) => void,
  ) {}

  become(state: SocketState) {
    this.state = state;
    this.report(state);
  }
}

const reading = (second: number): Reading => ({
  device_id: 'D1',
  timestamp: `2026-02-07T11:26:${String(second).padStart(2, '0')}Z`,
  power: second,
});

function setUp() {
  const sockets = new Map<string, FakeSocket>();
  const frames: (() => void)[] = [];
  const hub = new LiveHub({
    connect: (deviceId, onMessage, onState) => {
      const socket = new FakeSocket(onMessage, onState);
      sockets.set(deviceId, socket);
      return socket;
    },
    schedule: (task) => frames.push(task),
  });
  const socketOf = (deviceId: string) => {
    const socket = sockets.get(deviceId);
    if (!socket) throw new Error(`No socket for ${deviceId}.`);
    return socket;
  };
  const frame = () => {
    for (const task of frames.splice(0)) task();
  };
  return { hub, sockets, frames, frame, socketOf };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('LiveHub', () => {
  it('hands all readings of a frame out at once', () => {
    const { hub, frames, frame, socketOf } = setUp();
    const onReadings = vi.fn();
    hub.subscribe('D1', { onReadings });
    for (const second of [1, 2, 3]) socketOf('D1').message(reading(second));
    expect(frames).toHaveLength(1);
    expect(onReadings).not.toHaveBeenCalled();
    frame();
    expect(onReadings).toHaveBeenCalledExactlyOnceWith([reading(1), reading(2), reading(3)]);
    expect(hub.latest('D1')).toEqual(reading(3));
  });

  it('shares a socket and closes it some time after the last listener left', () => {
    const { hub, sockets, socketOf } = setUp();
    const first = hub.subscribe('D1', {});
    const second = hub.subscribe('D1', {});
    expect(sockets.size).toBe(1);
    first();
    second();
    expect(socketOf('D1').close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3_000);
    expect(socketOf('D1').close).toHaveBeenCalledOnce();
    expect(hub.state()).toBe('idle');
  });

  it('keeps the socket when another listener comes in time', () => {
    const { hub, socketOf } = setUp();
    hub.subscribe('D1', {})();
    vi.advanceTimersByTime(2_000);
    hub.subscribe('D1', {});
    vi.advanceTimersByTime(10_000);
    expect(socketOf('D1').close).not.toHaveBeenCalled();
  });

  it('reports a gap after missed readings and after a reconnection, not after the first connection', () => {
    const { hub, frame, socketOf } = setUp();
    const onGap = vi.fn();
    hub.subscribe('D1', { onGap });
    socketOf('D1').become('live');
    frame();
    expect(onGap).not.toHaveBeenCalled();
    socketOf('D1').become('reconnecting');
    socketOf('D1').become('live');
    frame();
    expect(onGap).toHaveBeenCalledTimes(1);
    socketOf('D1').message({ missed: 12 });
    frame();
    expect(onGap).toHaveBeenCalledTimes(2);
  });

  it('keeps only the newest readings of a tab that draws no frames, and reports the gap', () => {
    const { hub, frame, socketOf } = setUp();
    const onReadings = vi.fn<(readings: Reading[]) => void>();
    const onGap = vi.fn();
    hub.subscribe('D1', { onReadings, onGap });
    for (let index = 0; index < 2_500; index += 1) socketOf('D1').message(reading(index % 60));
    frame();
    expect(onReadings.mock.calls[0]?.[0]).toHaveLength(2_000);
    expect(onGap).toHaveBeenCalledOnce();
  });

  it('sums up the states of its sockets', () => {
    const { hub, socketOf } = setUp();
    hub.subscribe('D1', {});
    hub.subscribe('D2', {});
    expect(hub.state()).toBe('connecting');
    socketOf('D1').become('live');
    socketOf('D2').become('connecting');
    expect(hub.state()).toBe('live');
    socketOf('D1').become('reconnecting');
    expect(hub.state()).toBe('reconnecting');
  });
});
