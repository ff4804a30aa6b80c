export type SocketState = 'connecting' | 'live' | 'reconnecting' | 'closed';

/** The part of WebSocket this class uses, so that tests can stand in for it. */
export interface SocketLike {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  close(): void;
}

export interface LiveSocketOptions {
  url: string;
  /** The access token, renewed if need be; null when there is no session. */
  token: () => Promise<string | null>;
  onMessage: (message: unknown) => void;
  onState: (state: SocketState) => void;
  connect?: (url: string, protocols: string[]) => SocketLike;
  random?: () => number;
}

const kFirstDelayMs = 500;
const kLongestDelayMs = 15_000;
/** A connection that takes longer than this to open is given up. */
const kOpenTimeoutMs = 10_000;
/** A connection that lasted this long was a good one: the next failure starts over with a short delay. */
const kSettledMs = 5_000;

/**
 * One WebSocket that stays open until close().
 *
 * After a failure it connects again, waiting twice as long each time up to 15 s. Each wait is shortened at random by up to
 * half, so that the clients of a restarted server do not come back at the same moment.
 */
export class LiveSocket {
  #socket: SocketLike | null = null;
  #state: SocketState = 'closed';
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #settledTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #options: Required<LiveSocketOptions>;

  constructor(options: LiveSocketOptions) {
    this.#options = {
      connect: (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike,
      random: Math.random,
      ...options,
    };
  }

  get state(): SocketState {
    return this.#state;
  }

  open(): void {
    if (this.#state !== 'closed') return;
    this.#failures = 0;
    this.#change('connecting');
    void this.#attempt();
  }

  /** Connects at once instead of at the end of the wait: the network is back, say. */
  retryNow(): void {
    if (this.#state !== 'reconnecting' || this.#socket !== null) return;
    clearTimeout(this.#retryTimer);
    void this.#attempt();
  }

  close(): void {
    this.#change('closed');
    this.#drop();
    clearTimeout(this.#retryTimer);
  }

  async #attempt(): Promise<void> {
    let token: string | null = null;
    try {
      token = await this.#options.token();
    } catch {
      // No answer, or no session any more; waiting and asking again covers both.
    }
    if (this.#state === 'closed' || this.#socket !== null) return;
    if (token === null) {
      this.#retryLater();
      return;
    }
    const socket = this.#options.connect(this.#options.url, ['bearer', token]);
    this.#socket = socket;
    this.#openTimer = setTimeout(() => {
      this.#lost();
    }, kOpenTimeoutMs);
    socket.onopen = () => {
      clearTimeout(this.#openTimer);
      this.#settledTimer = setTimeout(() => {
        this.#failures = 0;
      }, kSettledMs);
      this.#change('live');
    };
    socket.onclose = () => {
      this.#lost();
    };
    socket.onmessage = (event) => {
      const message = parse(event.data);
      if (message !== undefined) this.#options.onMessage(message);
    };
  }

  #lost(): void {
    this.#drop();
    if (this.#state !== 'closed') this.#retryLater();
  }

  #drop(): void {
    clearTimeout(this.#openTimer);
    clearTimeout(this.#settledTimer);
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  #retryLater(): void {
    this.#change('reconnecting');
    const longest = Math.min(kFirstDelayMs * 2 ** this.#failures, kLongestDelayMs);
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(
      () => void this.#attempt(),
      longest * (1 - this.#options.random() / 2),
    );
  }

  #change(state: SocketState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}

/** Undefined for what is not JSON: one bad message must not end the stream. */
function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}
