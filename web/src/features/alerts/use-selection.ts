import { useCallback, useMemo, useState } from 'react';

/** Which of the items that are shown are ticked: one that is no longer shown is not. */
export function useSelection(shown: readonly { id: string }[] | undefined) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const selected = useMemo(
    () => new Set((shown ?? []).map(({ id }) => id).filter((id) => ticked.has(id))),
    [shown, ticked],
  );
  const toggle = useCallback((id: string) => {
    setTicked((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const set = useCallback((ids: readonly string[]) => {
    setTicked(new Set(ids));
  }, []);
  return { selected, toggle, set };
}
