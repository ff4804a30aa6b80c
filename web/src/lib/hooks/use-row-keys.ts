import { useCallback, type KeyboardEvent } from 'react';

/** Marks the control of a row that the arrow keys go to. */
export const kRowStop = { 'data-row-stop': '' };

/** Lets the arrow keys go up and down between the rows of a list, and Home and End to its ends. */
export function useRowKeys() {
  return useCallback((event: KeyboardEvent<HTMLElement>) => {
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-stop]')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    const next = to === undefined ? undefined : stops[to];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }, []);
}
