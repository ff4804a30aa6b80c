import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '@/lib/api/instance';
import { LiveSocket } from './live-socket';

/** Changes that come in one burst are shown together. */
const kGatherMs = 250;

function liveUrl(): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/api/alerts/live`;
}

/**
 * Asks for what is shown of alerts again when one of them changed, soon and at most four times a second: what is shown
 * stays until the answer is there. Also when changes were missed, and when the connection is back.
 */
export class AlertRefresher {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasLive = false;

  constructor(private readonly client: Pick<QueryClient, 'invalidateQueries'>) {}

  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.client.invalidateQueries({ queryKey: ['alerts'] });
    }, kGatherMs);
  }

  connected(): void {
    if (this.#wasLive) this.changed();
    this.#wasLive = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Keeps everything that is shown of alerts up to date while the page is open. */
export function useAlertStream(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresher = new AlertRefresher(client);
    const socket = new LiveSocket({
      url: liveUrl(),
      token: () => api.freshToken(),
      onMessage: () => {
        refresher.changed();
      },
      onState: (state) => {
        if (state === 'live') refresher.connected();
      },
    });
    const retry = () => {
      socket.retryNow();
    };
    addEventListener('online', retry);
    socket.open();
    return () => {
      removeEventListener('online', retry);
      refresher.stop();
      socket.close();
    };
  }, [client]);
}
