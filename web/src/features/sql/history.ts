const kKey = 'energy-sql-history';
const kMost = 30;
/** Longer statements are run, but not kept. */
const kLongest = 10_000;

/** The statements that ran on this browser, newest first. */
export function readHistory(storage: Storage = localStorage): string[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(kKey) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter((entry): entry is string => typeof entry === 'string').slice(0, kMost);
  } catch {
    return [];
  }
}

/** Puts a statement first, once; returns the new history. */
export function remember(sql: string, storage: Storage = localStorage): string[] {
  const statement = sql.trim();
  const others = readHistory(storage).filter((entry) => entry !== statement);
  const next =
    statement === '' || statement.length > kLongest
      ? others
      : [statement, ...others].slice(0, kMost);
  try {
    storage.setItem(kKey, JSON.stringify(next));
  } catch {
    // A full or forbidden storage only costs the history.
  }
  return next;
}

export function forget(storage: Storage = localStorage): void {
  storage.removeItem(kKey);
}
