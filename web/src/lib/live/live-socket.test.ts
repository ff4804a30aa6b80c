import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveSocket, type SocketLike, type SocketState } from './live-socket';

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  close = vi.fn();

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
}

function setUp(options: { token?: () => Promise<string | null>; random?: () => number } = {}) {
  const sockets: FakeSocket[] = [];
  const states: SocketState[] = [];
  const messages: unknown[] = [];
  const socket = new LiveSocket({
    url: 'ws://host/live',
    token: options.token ?? (() => Promise.resolve('token')),
    onMessage: (message) => messages.push(message),
    onState: (state) => states.push(state),
    connect: (url, protocols) => {
      const fake = new FakeSocket(url, protocols);
      sockets.push(fake);
      return fake;
    },
    random: options.random ?? (() => 0),
  });
  const last = () => {
    const fake = sockets.at(-1);
    if (!fake) throw new Error('Nothing was connected.');
    return fake;
  };
  return { socket, sockets, states, messages, last };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('LiveSocket', () => {
  it('sends the token as a subprotocol and reports its states', async () => {
    const { socket, states, messages, last } = setUp();
    socket.open();
    await settle();
    expect(last().protocols).toEqual(['bearer', 'token']);
    last().onopen?.();
    last().onmessage?.({ data: '{"power":1}' });
    last().onmessage?.({ data: 'no json' });
    expect(messages).toEqual([{ power: 1 }]);
    expect(states).toEqual(['connecting', 'live']);
  });

  it('waits twice as long after each failure, up to 15 s', async () => {
    const { socket, sockets, last } = setUp();
    socket.open();
    await settle();
    for (const delay of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = sockets.length;
      last().onclose?.();
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(before + 1);
    }
  });

  it('shortens the wait at random by up to half', async () => {
    const { socket, sockets, last } = setUp({ random: () => 1 });
    socket.open();
    await settle();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(2);
  });

  it('starts over with a short wait after a connection that lasted', async () => {
    const { socket, sockets, last } = setUp();
    socket.open();
    await settle();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1_000);
    last().onopen?.();
    await vi.advanceTimersByTimeAsync(5_000);
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(4);
  });

  it('does not take a connection that breaks at once for a good one', async () => {
    const { socket, sockets, last } = setUp();
    socket.open();
    await settle();
    last().onopen?.();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    last().onopen?.();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(999);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(3);
  });

  it('gives up a connection that does not open', async () => {
    const { socket, states, last } = setUp();
    socket.open();
    await settle();
    const first = last();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(first.close).toHaveBeenCalledOnce();
    expect(states.at(-1)).toBe('reconnecting');
  });

  it('retries at once when told that the network is back', async () => {
    const { socket, sockets, last } = setUp();
    socket.open();
    await settle();
    last().onclose?.();
    socket.retryNow();
    await settle();
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
  });

  it('keeps asking while there is no token', async () => {
    const token = vi
      .fn<() => Promise<string | null>>()
      .mockRejectedValueOnce(new Error('no answer'))
      .mockResolvedValueOnce(null)
      .mockResolvedValue('late');
    const { socket, sockets, last } = setUp({ token });
    socket.open();
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(last().protocols).toEqual(['bearer', 'late']);
  });

  it('stays closed once closed', async () => {
    const { socket, sockets, states, last } = setUp();
    socket.open();
    await settle();
    last().onopen?.();
    socket.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(last().close).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
    expect(states.at(-1)).toBe('closed');
  });

  it('does not connect when it is closed while the token is fetched', async () => {
    const { socket, sockets } = setUp();
    socket.open();
    socket.close();
    await settle();
    expect(sockets).toHaveLength(0);
  });
});
