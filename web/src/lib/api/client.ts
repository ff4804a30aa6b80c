import { ApiError } from './error';
import { queryString, unwrap, type QueryParameters } from './http';
import type { SessionMark } from './session-mark';
import type { LoginChallenge, Session, User } from './types';

/** The access token is renewed this long before it expires. */
const kRenewAheadMs = 60_000;
/** Renewals that met no answer are tried again after this time. */
const kRenewRetryMs = 10_000;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  query?: QueryParameters;
  /** Sent as JSON; a Blob as it is, under its own media type. */
  body?: unknown;
  signal?: AbortSignal;
  /** Media type of the answer; JSON when absent. */
  accept?: string;
}

export interface ClientOptions {
  fetch?: typeof fetch;
  now?: () => number;
  /** Runs one task at a time across the tabs of this browser. */
  exclusively?: <T>(task: () => Promise<T>) => Promise<T>;
  /** Remembers over page loads whether there is a session to restore; without it one is always asked for. */
  mark?: SessionMark;
  /** Called with the user when a session begins or is renewed, with null when it has ended. */
  onSession?: (user: User | null) => void;
  /** Called after every request: whether the program answered. */
  onReachable?: (reachable: boolean) => void;
}

/**
 * Talks to the REST API and keeps the session.
 *
 * The access token stays in this object. The refresh token stays in an HttpOnly cookie. A request that meets 401 renews
 * the session once and is repeated; concurrent ones share that renewal. Renewals exclude each other across tabs, because
 * the server takes the reuse of a rotated token for theft.
 */
export class ApiClient {
  #token: string | null = null;
  #expiresAt = 0;
  #renewing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #options: Required<ClientOptions>;

  constructor(options: ClientOptions = {}) {
    this.#options = {
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      now: options.now ?? (() => Date.now()),
      exclusively: options.exclusively ?? ((task) => task()),
      mark: options.mark ?? { isSet: () => true, set: () => undefined, clear: () => undefined },
      onSession: options.onSession ?? (() => undefined),
      onReachable: options.onReachable ?? (() => undefined),
    };
  }

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.request<T>('GET', path, options);
  }

  post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> {
    return this.request<T>('POST', path, { ...options, body });
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>('PUT', path, { body });
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>('PATCH', path, { body });
  }

  delete<T>(path: string): Promise<T> {
    return this.request<T>('DELETE', path);
  }

  /** Throws ApiError. */
  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return unwrap<T>(await this.#sendSignedIn(method, path, options));
  }

  /** The answer itself, for files: it is a success, but its body may still break off. Throws ApiError. */
  async open(method: Method, path: string, options: RequestOptions = {}): Promise<Response> {
    const response = await this.#sendSignedIn(method, path, options);
    return response.ok ? response : unwrap<Response>(response);
  }

  /** The challenge for finishLogin when the account has a second factor; null when the session has begun. */
  async login(email: string, password: string): Promise<string | null> {
    const body = { email, password };
    const answer = await this.#send('POST', '/api/auth/login', { body }, null);
    const begun = await unwrap<Session | LoginChallenge>(answer);
    if ('challenge' in begun) return begun.challenge;
    this.#begin(begun);
    return null;
  }

  async finishLogin(challenge: string, code: string): Promise<void> {
    const body = { challenge, code };
    const path = '/api/auth/login/second-factor';
    this.#begin(await unwrap<Session>(await this.#send('POST', path, { body }, null)));
  }

  /** Begins the session that a login by an OpenID provider has a code for. */
  async openSession(code: string): Promise<void> {
    const path = '/api/auth/oidc/session';
    this.#begin(await unwrap<Session>(await this.#send('POST', path, { body: { code } }, null)));
  }

  /** Ends the session here even when the server cannot be told. */
  async logout(): Promise<void> {
    try {
      await unwrap(await this.#send('POST', '/api/auth/logout', {}, this.#token));
    } finally {
      this.#end();
    }
  }

  /** Like renew, at a page load: asks the server only when there may be a session. */
  async restore(): Promise<void> {
    if (this.#options.mark.isSet()) await this.renew();
    else this.#end();
  }

  /** Renews the session by the cookie. Throws ApiError; the session has ended unless that is a failure to answer. */
  renew(): Promise<void> {
    this.#renewing ??= this.#options
      .exclusively(() => this.#renewNow())
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  /** The access token, renewed first if it is about to expire; null without a session. */
  async freshToken(): Promise<string | null> {
    if (this.#token !== null && this.#options.now() >= this.#expiresAt - kRenewAheadMs / 2) {
      await this.renew();
    }
    return this.#token;
  }

  async #renewNow(): Promise<void> {
    try {
      this.#begin(await unwrap<Session>(await this.#send('POST', '/api/auth/refresh', {}, null)));
    } catch (error) {
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (refused && error.status !== 429) this.#end();
      else this.#schedule(kRenewRetryMs);
      throw error;
    }
  }

  async #sendSignedIn(method: Method, path: string, options: RequestOptions): Promise<Response> {
    const used = await this.freshToken();
    const first = await this.#send(method, path, options, used);
    if (first.status !== 401) return first;
    // Another request may have renewed the session while this one was under way.
    if (used === this.#token) await this.renew();
    return this.#send(method, path, options, this.#token);
  }

  async #send(method: Method, path: string, options: RequestOptions, token: string | null) {
    const headers: Record<string, string> = { Accept: options.accept ?? 'application/json' };
    if (token !== null) headers.Authorization = `Bearer ${token}`;
    const { body } = options;
    const file = body instanceof Blob;
    if (body !== undefined) headers['Content-Type'] = file ? body.type : 'application/json';
    try {
      const response = await this.#options.fetch(path + queryString(options.query), {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        body: file ? body : JSON.stringify(body),
        signal: options.signal,
      });
      this.#options.onReachable(response.status !== 502 && response.status !== 504);
      return response;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      this.#options.onReachable(false);
      throw new ApiError(0, 'NETWORK', 'The platform does not answer.');
    }
  }

  #begin(session: Session): void {
    this.#token = session.token;
    this.#expiresAt = this.#options.now() + session.expires_in * 1000;
    const lifetime = session.expires_in * 1000;
    this.#schedule(Math.max(lifetime - kRenewAheadMs, lifetime / 2));
    this.#options.mark.set();
    this.#options.onSession(session.user);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#token = null;
    this.#options.mark.clear();
    this.#options.onSession(null);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.renew().catch(() => undefined);
    }, delayMs);
  }
}
