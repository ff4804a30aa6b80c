import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Reading } from '@/lib/api/types';
import { liveHub } from './instance';
import type { LiveState } from './live-hub';
import { RingBuffer } from './ring-buffer';

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (changed) => liveHub.onState(changed),
    () => liveHub.state(),
  );
}

/** The newest reading that came over the live connection; null before the first. */
export function useLatestReading(deviceId: string): Reading | null {
  const subscribe = useCallback(
    (changed: () => void) => liveHub.subscribe(deviceId, { onReadings: changed }),
    [deviceId],
  );
  return useSyncExternalStore(subscribe, () => liveHub.latest(deviceId));
}

const kNone: readonly Reading[] = [];

/**
 * The live readings since this device was first shown, the newest `capacity` of them; a new array with each frame that
 * brought some. `onGap` says when stored readings should be fetched again.
 */
export function useLiveReadings(
  deviceId: string,
  capacity: number,
  enabled: boolean,
  onGap: () => void,
): readonly Reading[] {
  const [frame, setFrame] = useState({ deviceId, readings: kNone });
  const gap = useRef(onGap);
  useEffect(() => {
    gap.current = onGap;
  }, [onGap]);

  useEffect(() => {
    if (!enabled) return undefined;
    const buffer = new RingBuffer<Reading>(capacity);
    return liveHub.subscribe(deviceId, {
      onReadings: (readings) => {
        for (const reading of readings) buffer.push(reading);
        setFrame({ deviceId, readings: buffer.toArray() });
      },
      onGap: () => {
        gap.current();
      },
    });
  }, [deviceId, capacity, enabled]);

  return enabled && frame.deviceId === deviceId ? frame.readings : kNone;
}
