import type { Reading } from '@/lib/api/types';
import { RingBuffer } from './ring-buffer';
import type { SocketState } from './live-socket';

/** What the hub needs of a LiveSocket. */
export interface HubSocket {
  readonly state: SocketState;
  open(): void;
  close(): void;
  retryNow(): void;
}

export interface HubListener {
  /** New readings, oldest first; at most once an animation frame. */
  onReadings?: (readings: Reading[]) => void;
  /** Readings were missed, or the connection was lost and is back: what is shown may have a hole. */
  onGap?: () => void;
}

export interface HubOptions {
  connect: (
    deviceId: string,
    onMessage: (message: unknown) => void,
    onState: (state: SocketState) => void,
  ) => HubSocket;
  /** Runs a task before the next frame is drawn. */
  schedule: (task: () => void) => void;
}

/** No socket wanted; at least one open and none lost; none open yet; at least one was lost. */
export type LiveState = 'idle' | 'live' | 'connecting' | 'reconnecting';

/** Readings kept for the next frame of one device; a hidden tab draws none for a long time. */
const kPendingReadings = 2_000;
/** A socket stays open this long after its last listener left: pages change. */
const kLingerMs = 3_000;

interface Channel {
  socket: HubSocket;
  listeners: Set<HubListener>;
  pending: RingBuffer<Reading>;
  latest: Reading | null;
  gap: boolean;
  wasLive: boolean;
  closing: ReturnType<typeof setTimeout> | undefined;
}

/** Shares one live connection a device among all that show it, and hands out readings once a frame. */
export class LiveHub {
  readonly #channels = new Map<string, Channel>();
  readonly #stateListeners = new Set<() => void>();
  #scheduled = false;

  constructor(private readonly options: HubOptions) {}

  /** Returns the function that ends the subscription. */
  subscribe(deviceId: string, listener: HubListener): () => void {
    const channel = this.#channels.get(deviceId) ?? this.#open(deviceId);
    clearTimeout(channel.closing);
    channel.listeners.add(listener);
    return () => {
      channel.listeners.delete(listener);
      if (channel.listeners.size > 0) return;
      channel.closing = setTimeout(() => {
        this.#channels.delete(deviceId);
        channel.socket.close();
        this.#stateChanged();
      }, kLingerMs);
    };
  }

  latest(deviceId: string): Reading | null {
    return this.#channels.get(deviceId)?.latest ?? null;
  }

  state(): LiveState {
    const states = [...this.#channels.values()].map((channel) => channel.socket.state);
    if (states.length === 0) return 'idle';
    if (states.includes('reconnecting')) return 'reconnecting';
    return states.includes('live') ? 'live' : 'connecting';
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  retryNow(): void {
    for (const channel of this.#channels.values()) channel.socket.retryNow();
  }

  /** Ends everything at once: the session is over. */
  closeAll(): void {
    for (const channel of this.#channels.values()) {
      clearTimeout(channel.closing);
      channel.socket.close();
    }
    this.#channels.clear();
    this.#stateChanged();
  }

  #open(deviceId: string): Channel {
    const channel: Channel = {
      socket: this.options.connect(
        deviceId,
        (message) => {
          this.#receive(channel, message);
        },
        (state) => {
          if (state === 'live' && channel.wasLive) this.#markGap(channel);
          channel.wasLive ||= state === 'live';
          this.#stateChanged();
        },
      ),
      listeners: new Set(),
      pending: new RingBuffer<Reading>(kPendingReadings),
      latest: null,
      gap: false,
      wasLive: false,
      closing: undefined,
    };
    this.#channels.set(deviceId, channel);
    channel.socket.open();
    return channel;
  }

  #receive(channel: Channel, message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    if ('missed' in message) {
      this.#markGap(channel);
    } else if ('timestamp' in message) {
      const dropped = channel.pending.push(message as Reading);
      channel.gap ||= dropped;
      this.#scheduleFlush();
    }
  }

  #markGap(channel: Channel): void {
    channel.gap = true;
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.options.schedule(() => {
      this.#scheduled = false;
      for (const channel of this.#channels.values()) this.#flush(channel);
    });
  }

  #flush(channel: Channel): void {
    const gap = channel.gap;
    channel.gap = false;
    const readings = channel.pending.drain();
    channel.latest = readings.at(-1) ?? channel.latest;
    for (const listener of [...channel.listeners]) {
      if (readings.length > 0) listener.onReadings?.(readings);
      if (gap) listener.onGap?.();
    }
  }

  #stateChanged(): void {
    for (const listener of [...this.#stateListeners]) listener();
  }
}
