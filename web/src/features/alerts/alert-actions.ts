import type { AlertActionName } from '@/lib/api/alerts';
import type { Alert, AlertEvent } from '@/lib/api/types';

export const kShelvings = [
  { minutes: 30, label: '30 minutes' },
  { minutes: 120, label: '2 hours' },
  { minutes: 480, label: '8 hours' },
  { minutes: 1440, label: '1 day' },
  { minutes: 10_080, label: '1 week' },
] as const;

/** What the state of an alert admits; the server decides in the end. */
export function possibleActions(
  alert: Pick<Alert, 'status' | 'resolved_at' | 'shelved_until'>,
): ReadonlySet<AlertActionName> {
  const possible = new Set<AlertActionName>(['comment']);
  if (alert.status === 'open') possible.add('acknowledge');
  if (alert.status === 'resolved') possible.add('reopen');
  if (alert.status === 'suppressed' && alert.resolved_at === null) possible.add('resolve');
  if (alert.status === 'open' || alert.status === 'acknowledged') {
    possible.add('resolve').add('assign').add('shelve');
    if (alert.shelved_until !== null) possible.add('unshelve');
  }
  return possible;
}

const kDone: Record<AlertActionName, string> = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  reopen: 'reopened',
  shelve: 'shelved',
  unshelve: 'unshelved',
  assign: 'assigned',
  comment: 'commented on',
};

/** `3 alerts were acknowledged, 1 was left as it is.` */
export function describeOutcome(action: AlertActionName, changed: number, refused: number): string {
  const were = (count: number) => (count === 1 ? '1 alert was' : `${count} alerts were`);
  const done = `${were(changed)} ${kDone[action]}`;
  if (refused === 0) return `${done}.`;
  const left = refused === 1 ? '1 was left as it is' : `${refused} were left as they are`;
  return changed === 0 ? `${were(refused)} left unchanged.` : `${done}, ${left}.`;
}

/** A line of the history in words; `nameOf` gives the name of a user. */
export function describeEvent(
  event: Pick<AlertEvent, 'action' | 'actor' | 'before' | 'after'>,
  nameOf: (userId: string) => string,
): string {
  const by = event.actor === null ? '' : ` by ${event.actor}`;
  switch (event.action) {
    case 'raised':
      return event.after.status === 'suppressed' ? 'Raised within the cooldown' : 'Raised';
    case 'escalated':
      return `Escalated from ${event.before?.severity ?? '?'} to ${event.after.severity ?? '?'}`;
    case 'acknowledged':
      return `Acknowledged${by}`;
    case 'resolved':
      return event.actor === null ? 'Cleared by itself' : `Resolved${by}`;
    case 'reopened':
      return `Reopened${by}`;
    case 'shelved':
      return `Shelved${by}`;
    case 'unshelved':
      return event.actor === null ? 'Back from the shelf: the time is over' : `Unshelved${by}`;
    case 'assigned': {
      const to = event.after.assigned_to;
      return to ? `Assigned to ${nameOf(to)}${by}` : `Assigned to nobody${by}`;
    }
    case 'commented':
      return `Comment${by}`;
  }
}
