import { useCallback, useEffect, useRef, useState } from 'react';
import { runSql } from '@/lib/api/sql';
import type { SqlResult } from '@/lib/api/types';

export type Outcome =
  | { kind: 'none' }
  | { kind: 'running' }
  | { kind: 'cancelled' }
  | { kind: 'done'; sql: string; result: SqlResult }
  | { kind: 'failed'; sql: string; error: unknown };

/** Runs one statement at a time; leaving the page cancels it. */
export function useStatement() {
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const running = useRef<AbortController | null>(null);

  const cancel = useCallback(() => {
    running.current?.abort();
  }, []);
  useEffect(() => cancel, [cancel]);

  const run = useCallback(
    async (sql: string) => {
      cancel();
      const controller = new AbortController();
      running.current = controller;
      setOutcome({ kind: 'running' });
      let next: Outcome;
      try {
        next = { kind: 'done', sql, result: await runSql(sql, controller.signal) };
      } catch (error) {
        next = controller.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', sql, error };
      }
      // A newer statement has taken the place of this one.
      if (running.current === controller) setOutcome(next);
      return next;
    },
    [cancel],
  );

  return { outcome, run, cancel };
}
