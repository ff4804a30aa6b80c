import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StrictMode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import { ProviderLogin } from './provider-login';
import { recallNext } from './provider-return';

function show(hash = '') {
  window.history.replaceState(null, '', `/login?next=%2Fdevices${hash}`);
  render(
    <StrictMode>
      <QueryClientProvider
        client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
      >
        <ProviderLogin />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const offer = (enabled: boolean) =>
  vi.spyOn(api, 'get').mockResolvedValue({ enabled, label: enabled ? 'Example Corp' : null });

beforeEach(() => {
  vi.restoreAllMocks();
  sessionStorage.clear();
});
afterEach(cleanup);

describe('ProviderLogin', () => {
  it('offers the provider by its name, reachable by keyboard, and remembers where to go', async () => {
    offer(true);
    show();
    const link = await screen.findByRole('link', { name: 'Sign in with Example Corp' });
    expect(link.getAttribute('href')).toBe('/api/auth/oidc/login');
    link.addEventListener('click', (event) => {
      event.preventDefault();
    });
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement).toBe(link);
    await user.keyboard('{Enter}');
    expect(recallNext()).toBe('/devices');
  });

  it('shows nothing without a provider, or when nobody can say', async () => {
    const get = offer(false);
    show();
    await waitFor(() => {
      expect(get).toHaveBeenCalled();
    });
    expect(screen.queryByRole('link')).toBeNull();
    cleanup();
    get.mockRejectedValue(new ApiError(0, 'NETWORK', 'no'));
    show();
    await waitFor(() => {
      expect(get.mock.calls.length).toBeGreaterThan(1);
    });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('trades the code for a session once and leaves it in no address', async () => {
    offer(true);
    const open = vi.spyOn(api, 'openSession').mockResolvedValue();
    show('#sso=the-code');
    await waitFor(() => {
      expect(open).toHaveBeenCalledExactlyOnceWith('the-code');
    });
    expect(window.location.hash).toBe('');
    expect(window.location.search).toBe('?next=%2Fdevices');
  });

  it('says what went wrong', async () => {
    offer(true);
    show('#sso_error=refused');
    expect((await screen.findByRole('alert')).textContent).toContain('Ask an administrator');
    expect(window.location.hash).toBe('');
    cleanup();
    vi.spyOn(api, 'openSession').mockRejectedValue(new ApiError(401, 'UNAUTHENTICATED', 'no'));
    show('#sso=old');
    expect((await screen.findByRole('alert')).textContent).toContain('Begin again');
  });
});
