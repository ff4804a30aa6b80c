/** One member that differs between two states of a resource. */
export interface Difference {
  /** As in "metadata.line". */
  path: string;
  /** Undefined where it was not there. */
  before: unknown;
  after: unknown;
}

/** Changes with every write: they say nothing of what somebody did. */
const kNoise = new Set(['version', 'updated_at', 'last_seen', 'health_score']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where two states differ, by member; objects are compared within, lists as a whole. */
export function differences(before: unknown, after: unknown, at = ''): Difference[] {
  if (isObject(before) || isObject(after)) {
    const left = isObject(before) ? before : {};
    const right = isObject(after) ? after : {};
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return names
      .filter((name) => at !== '' || !kNoise.has(name))
      .flatMap((name) => differences(left[name], right[name], at === '' ? name : `${at}.${name}`));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path: at, before, after }];
}

/** A value as people read it; nothing where there is none. */
export function shown(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
