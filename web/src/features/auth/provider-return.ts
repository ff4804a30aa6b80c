/** What the provider's login brought back in the page's fragment. */
export interface ProviderReturn {
  code: string | null;
  error: string | null;
}

const kMessages: Record<string, string> = {
  unavailable: 'The sign-in service does not answer. Try again later, or use your password.',
  expired: 'This sign-in took too long or was used already. Begin again.',
  cancelled: 'The sign-in was cancelled.',
  invalid: 'The sign-in service did not confirm who you are. Begin again.',
  refused: 'Your account may not use this platform. Ask an administrator.',
  email_taken: 'Another account here has your email. Ask an administrator.',
  email_missing: 'The sign-in service gave no verified email. Ask an administrator.',
};

export function providerError(reason: string): string {
  return (
    (Object.hasOwn(kMessages, reason) && kMessages[reason]) ||
    'The sign-in did not succeed. Begin again.'
  );
}

/** Reads `#sso=CODE` or `#sso_error=REASON`; null when the page was opened otherwise. */
export function readProviderReturn(hash: string): ProviderReturn | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const code = fields.get('sso');
  const error = fields.get('sso_error');
  return code === null && error === null ? null : { code, error };
}

const kNextKey = 'energy-login-next';

// Where storage is refused the way ends at the dashboard.
function inStorage<T>(task: (storage: Storage) => T): T | null {
  try {
    return task(sessionStorage);
  } catch {
    return null;
  }
}

/** Keeps where the person wanted to go while the browser is away at the provider. */
export function rememberNext(search: string): void {
  const next = new URLSearchParams(search).get('next');
  if (next === null) forgetNext();
  else
    inStorage((storage) => {
      storage.setItem(kNextKey, next);
    });
}

/** What rememberNext kept; null when there is none. */
export function recallNext(): string | null {
  return inStorage((storage) => storage.getItem(kNextKey));
}

export function forgetNext(): void {
  inStorage((storage) => {
    storage.removeItem(kNextKey);
  });
}
