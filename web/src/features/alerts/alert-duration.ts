import type { Alert } from '@/lib/api/types';
import { formatDuration, parseTime } from '@/lib/time';

type Episode = Pick<Alert, 'status' | 'created_at' | 'resolved_at' | 'last_seen_at'>;

/** `2 min 5 s` of an episode that is over, `Open for 2 min 5 s` of one that goes on. */
export function describeDuration(episode: Episode, now: number): string {
  const open = episode.status === 'open' || episode.status === 'acknowledged';
  const start = parseTime(episode.created_at) ?? now;
  const over = parseTime(episode.resolved_at) ?? parseTime(episode.last_seen_at) ?? start;
  const text = formatDuration((open ? now : over) - start);
  return open ? `Open for ${text}` : text;
}
