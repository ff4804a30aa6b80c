import type { WindowRow } from './api/types';

/** Time in milliseconds and value; a null value breaks the line. */
export type Point = [time: number, value: number | null];

/** A pause this many times longer than usual is a gap. */
const kGapFactor = 8;
/** Pauses shorter than this are never gaps. */
const kLeastGapMs = 30_000;

/** The points of one field, ascending; readings without the field are left out. */
export function toPoints(readings: readonly WindowRow[], field: string): [number, number][] {
  const points: [number, number][] = [];
  for (const reading of readings) {
    const value = reading[field];
    if (typeof value === 'number') points.push([Date.parse(reading.timestamp), value]);
  }
  return points;
}

/** The stored points followed by the live ones that are newer: a reading that is in both counts once. */
export function appendLive(
  stored: readonly [number, number][],
  live: readonly [number, number][],
): [number, number][] {
  const last = stored.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
  return [...stored, ...live.filter(([time]) => time > last)];
}

/** Puts a null into each pause, so that a line does not bridge an outage. */
export function breakGaps(points: readonly [number, number][]): Point[] {
  if (points.length < 3) return [...points];
  const pauses = points.slice(1).map(([time], index) => time - (points[index]?.[0] ?? time));
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
  const gap = Math.max(usual * kGapFactor, kLeastGapMs);
  const result: Point[] = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (before && point[0] - before[0] > gap) result.push([before[0] + 1, null]);
    result.push(point);
  });
  return result;
}

export interface Extent {
  min: number;
  max: number;
  mean: number;
}

/** Extent of the values between two times; null when there are none. */
export function extentOf(
  points: readonly [number, number][],
  start = Number.NEGATIVE_INFINITY,
  end = Number.POSITIVE_INFINITY,
): Extent | null {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const [time, value] of points) {
    if (time < start || time > end) continue;
    count += 1;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return count === 0 ? null : { min, max, mean: sum / count };
}
