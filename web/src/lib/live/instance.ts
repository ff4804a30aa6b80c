import { api } from '@/lib/api/instance';
import { LiveHub } from './live-hub';
import { LiveSocket } from './live-socket';

function liveUrl(deviceId: string): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/api/data/telemetry/${encodeURIComponent(deviceId)}/live`;
}

export const liveHub = new LiveHub({
  connect: (deviceId, onMessage, onState) =>
    new LiveSocket({
      url: liveUrl(deviceId),
      token: () => api.freshToken(),
      onMessage,
      onState,
    }),
  schedule: (task) => requestAnimationFrame(task),
});

addEventListener('online', () => {
  liveHub.retryNow();
});
