import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from './client';
import { ApiError } from './error';
import { queryString } from './http';

const user = { id: 'u1', email: 'a@b.c', full_name: 'A', role: 'admin' };

function answer(status: number, data: unknown, error: unknown = null): Response {
  const body = { success: status < 400, data, error, timestamp: '2026-02-07T11:26:00Z' };
  return new Response(JSON.stringify(body), { status });
}

const refused = () => answer(401, null, { code: 'UNAUTHENTICATED', message: 'Token expired.' });

/** A server that takes only the newest token and hands out t1, t2, … */
function setUp() {
  let issued = 0;
  let cookie = true;
  const calls: string[] = [];
  const fetch = vi.fn((input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = input as string;
    calls.push(url);
    if (url === '/api/auth/refresh' || url === '/api/auth/login') {
      if (!cookie) return Promise.resolve(refused());
      issued += 1;
      return Promise.resolve(answer(200, { token: `t${issued}`, expires_in: 3600, user }));
    }
    const sent = new Headers(init?.headers).get('Authorization');
    return Promise.resolve(sent === `Bearer t${issued}` ? answer(200, url) : refused());
  });
  const onSession = vi.fn();
  const onReachable = vi.fn();
  let marked = false;
  const mark = {
    isSet: () => marked,
    set: () => (marked = true),
    clear: () => (marked = false),
  };
  /** The client of another page load in the same browser. */
  const restart = () =>
    new ApiClient({ fetch, mark, onSession, onReachable, now: () => Date.now() });
  return {
    client: restart(),
    restart,
    fetch,
    calls,
    onSession,
    onReachable,
    /** What the server does with a token it no longer takes. */
    revoke: () => (issued += 1),
    forgetCookie: () => (cookie = false),
    renewals: () => calls.filter((url) => url === '/api/auth/refresh').length,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('ApiClient', () => {
  it('restores a session by the cookie', async () => {
    const { client, onSession } = setUp();
    await client.renew();
    expect(onSession).toHaveBeenCalledExactlyOnceWith(user);
    await expect(client.get('/api/devices')).resolves.toBe('/api/devices');
  });

  it('does not ask for a session where nobody was signed in', async () => {
    const { calls, onSession, restart } = setUp();
    await restart().restore();
    expect(calls).toEqual([]);
    expect(onSession).toHaveBeenCalledExactlyOnceWith(null);
  });

  it('restores a session after a page load until it has ended', async () => {
    const { client, onSession, renewals, restart } = setUp();
    await client.login('a@b.c', 'secret');
    const loaded = restart();
    await loaded.restore();
    expect(renewals()).toBe(1);
    expect(onSession).toHaveBeenLastCalledWith(user);
    await loaded.logout();
    await restart().restore();
    expect(renewals()).toBe(1);
    expect(onSession).toHaveBeenLastCalledWith(null);
  });

  it('asks no more once the server has refused the cookie', async () => {
    const { client, forgetCookie, renewals, restart } = setUp();
    await client.login('a@b.c', 'secret');
    forgetCookie();
    await expect(restart().restore()).rejects.toMatchObject({ status: 401 });
    await restart().restore();
    expect(renewals()).toBe(1);
  });

  it('asks again after a page load that met no answer', async () => {
    const { client, fetch, renewals, restart } = setUp();
    await client.login('a@b.c', 'secret');
    fetch.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(restart().restore()).rejects.toMatchObject({ code: 'NETWORK' });
    await restart().restore();
    expect(renewals()).toBe(1);
  });

  it('renews once for concurrent requests that meet 401, and repeats them', async () => {
    const { client, revoke, renewals } = setUp();
    await client.login('a@b.c', 'secret');
    revoke();
    await expect(Promise.all(['/a', '/b', '/c'].map((path) => client.get(path)))).resolves.toEqual([
      '/a',
      '/b',
      '/c',
    ]);
    expect(renewals()).toBe(1);
  });

  it('ends the session when it cannot be renewed', async () => {
    const { client, revoke, forgetCookie, onSession } = setUp();
    await client.login('a@b.c', 'secret');
    revoke();
    forgetCookie();
    await expect(client.get('/a')).rejects.toMatchObject({ status: 401 });
    expect(onSession).toHaveBeenLastCalledWith(null);
    await expect(client.freshToken()).resolves.toBeNull();
  });

  it('keeps the session when a renewal meets no answer, and tries again', async () => {
    const { client, fetch, onSession, onReachable, renewals } = setUp();
    await client.login('a@b.c', 'secret');
    fetch.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(client.renew()).rejects.toMatchObject({ code: 'NETWORK' });
    expect(onReachable).toHaveBeenLastCalledWith(false);
    expect(onSession).not.toHaveBeenCalledWith(null);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(renewals()).toBe(1);
    expect(onReachable).toHaveBeenLastCalledWith(true);
  });

  it('renews by itself before the token expires', async () => {
    const { client, renewals } = setUp();
    await client.login('a@b.c', 'secret');
    await vi.advanceTimersByTimeAsync(3_539_000);
    expect(renewals()).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(renewals()).toBe(1);
  });

  it('renews before a request when the computer has slept over the expiry', async () => {
    const { client, calls } = setUp();
    await client.login('a@b.c', 'secret');
    vi.setSystemTime(Date.now() + 3_700_000);
    await client.get('/a');
    expect(calls.slice(1)).toEqual(['/api/auth/refresh', '/a']);
  });

  it('takes one turn at a time among tabs', async () => {
    const turns: string[] = [];
    const { fetch } = setUp();
    const client = new ApiClient({
      fetch,
      exclusively: async (task) => {
        turns.push('in');
        const result = await task();
        turns.push('out');
        return result;
      },
    });
    await Promise.all([client.renew(), client.renew()]);
    expect(turns).toEqual(['in', 'out']);
  });

  it('forgets the token at logout even when the server cannot be told', async () => {
    const { client, fetch, onSession } = setUp();
    await client.login('a@b.c', 'secret');
    fetch.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(client.logout()).rejects.toBeInstanceOf(ApiError);
    expect(onSession).toHaveBeenLastCalledWith(null);
    await expect(client.freshToken()).resolves.toBeNull();
  });

  it('turns an error answer into its code and details', async () => {
    const { client, fetch } = setUp();
    const details = { threshold: 'must be a number' };
    fetch.mockResolvedValueOnce(
      answer(400, null, { code: 'VALIDATION_ERROR', message: 'Bad.', details }),
    );
    await expect(client.post('/api/rules', {})).rejects.toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      details,
    });
  });

  it('sends a file as it is, under its own type', async () => {
    const { client, fetch } = setUp();
    const file = new Blob(['id'], { type: 'text/csv' });
    fetch.mockResolvedValueOnce(answer(200, {}));
    await client.post('/a', file);
    const sent = fetch.mock.lastCall?.[1];
    expect(sent?.body).toBe(file);
    expect(new Headers(sent?.headers).get('Content-Type')).toBe('text/csv');
  });

  it('copes with an answer that is not JSON', async () => {
    const { client, fetch, onReachable } = setUp();
    fetch.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(client.get('/a')).rejects.toMatchObject({ status: 502, unreachable: true });
    expect(onReachable).toHaveBeenLastCalledWith(false);
  });
});

describe('queryString', () => {
  it('leaves out what is empty and joins lists', () => {
    expect(queryString({ a: 1, b: '', c: undefined, d: ['x', 'y'], e: null, f: [] })).toBe(
      '?a=1&d=x%2Cy',
    );
    expect(queryString()).toBe('');
  });
});
