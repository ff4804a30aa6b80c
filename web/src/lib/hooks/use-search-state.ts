import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** Filters, order and page of a list live in the URL: a list can be bookmarked, shared and gone back to. */
export function useSearchState() {
  const [search, setSearch] = useSearchParams();

  /** Sets some parameters; an empty text removes one. Anything but `page` starts over at the first page. */
  const update = useCallback(
    (changes: Record<string, string>) => {
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (!('page' in changes)) next.delete('page');
          for (const [name, value] of Object.entries(changes)) {
            if (value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setSearch],
  );

  const get = (name: string, otherwise = '') => search.get(name) ?? otherwise;
  const page = Math.max(1, Math.floor(Number(search.get('page')) || 1));
  return { get, page, update };
}

/** The text when it is one of the choices, else nothing: a URL may hold anything. */
export function oneOf<const T extends string>(choices: readonly T[], text: string): T | undefined {
  return choices.find((choice) => choice === text);
}
