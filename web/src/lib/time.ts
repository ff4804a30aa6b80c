export const kSecond = 1_000;
export const kMinute = 60_000;
export const kHour = 3_600_000;
export const kDay = 86_400_000;

/** Milliseconds since the epoch of an RFC 3339 text; null if it is not one. */
export function parseTime(text: string | null | undefined): number | null {
  if (!text) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** `12 s ago`, `in 3 min`. Times a little ahead of this clock are "just now": clocks differ. */
export function formatRelative(time: number, now: number): string {
  const distance = now - time;
  const size = Math.abs(distance);
  if (distance < 2 * kSecond && distance > -5 * kSecond) return 'just now';
  const text = formatDuration(size, 1);
  return distance > 0 ? `${text} ago` : `in ${text}`;
}

/** `3 d 4 h`, `12 s`: at most `parts` units, the smaller ones cut off. */
export function formatDuration(durationMs: number, parts = 2): string {
  const units = [
    ['d', kDay],
    ['h', kHour],
    ['min', kMinute],
    ['s', kSecond],
  ] as const;
  const texts: string[] = [];
  let rest = Math.max(0, durationMs);
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) texts.push(`${count}\u00a0${name}`);
    else if (texts.length > 0) break;
    rest -= count * size;
    if (texts.length === parts) break;
  }
  return texts.length === 0 ? '0\u00a0s' : texts.join(' ');
}

export function zoneName(timeZone?: string): string {
  return timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', options).format(time);
}

/** `7 Feb 2026, 11:26:00` in the viewer's zone. */
export function formatDateTime(time: number, timeZone?: string): string {
  return format(time, { dateStyle: 'medium', timeStyle: 'medium', timeZone });
}

/** Like formatDateTime, with the zone named: for tooltips. */
export function formatWithZone(time: number, timeZone?: string): string {
  return `${formatDateTime(time, timeZone)} (${zoneName(timeZone)})`;
}

/** `7 Feb, 11:26`: for narrow places where the year is plain. */
export function formatShort(time: number, timeZone?: string): string {
  return format(time, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
}

/** The text a `datetime-local` input takes, in the viewer's zone. */
export function toLocalInput(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * kMinute).toISOString().slice(0, 16);
}

/** The time of a `datetime-local` input's text; null if it is empty or wrong. */
export function fromLocalInput(text: string): number | null {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? null : time;
}
