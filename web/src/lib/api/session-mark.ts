/** A note that this browser holds a session's cookie, which scripts cannot see. */
export interface SessionMark {
  isSet: () => boolean;
  set: () => void;
  clear: () => void;
}

const kKey = 'energy-session-known';

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

/** Shared by the tabs; no secret. Where storage is refused there may always be a session. */
export const storedMark: SessionMark = {
  isSet: () => attempt(() => localStorage.getItem(kKey) === '1', true),
  set: () => {
    attempt(() => {
      localStorage.setItem(kKey, '1');
    }, undefined);
  },
  clear: () => {
    attempt(() => {
      localStorage.removeItem(kKey);
    }, undefined);
  },
};
