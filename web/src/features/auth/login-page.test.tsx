import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import { LoginPage } from './login-page';

function show() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LoginPage />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  vi.spyOn(api, 'get').mockResolvedValue({ enabled: false, label: null });
});
afterEach(cleanup);

describe('LoginPage', () => {
  it('sends what was typed, without stray spaces around the email', async () => {
    const login = vi.spyOn(api, 'login').mockResolvedValue(null);
    const user = show();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Sign in' }).disabled).toBe(true);
    await user.type(screen.getByLabelText('Email'), ' a@b.c ');
    await user.type(screen.getByLabelText('Password'), ' secret {Enter}');
    expect(login).toHaveBeenCalledExactlyOnceWith('a@b.c', ' secret ');
  });

  it('asks for a code when the account has a second factor', async () => {
    vi.spyOn(api, 'login').mockResolvedValue('challenge');
    const finish = vi
      .spyOn(api, 'finishLogin')
      .mockRejectedValueOnce(new ApiError(401, 'UNAUTHENTICATED', 'The code is wrong.'))
      .mockResolvedValue();
    const user = show();
    await user.type(screen.getByLabelText('Email'), 'a@b.c');
    await user.type(screen.getByLabelText('Password'), 'secret{Enter}');
    await user.type(await screen.findByLabelText('Code'), '123456{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('The code is wrong.');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(finish).toHaveBeenCalledTimes(2);
    expect(finish).toHaveBeenCalledWith('challenge', '123456');
    await user.click(screen.getByRole('button', { name: 'Back' }));
    expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('');
  });

  it('says that the password is wrong in its own words, other failures in the server’s', async () => {
    const login = vi
      .spyOn(api, 'login')
      .mockRejectedValueOnce(new ApiError(401, 'UNAUTHENTICATED', 'no'))
      .mockRejectedValueOnce(new ApiError(429, 'RATE_LIMITED', 'Too many attempts.', {}, 30));
    const user = show();
    await user.type(screen.getByLabelText('Email'), 'a@b.c');
    await user.type(screen.getByLabelText('Password'), 'secret');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Email or password is wrong.');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('Too many attempts. Try again in 30 s.')).toBeTruthy();
    expect(login).toHaveBeenCalledTimes(2);
  });
});
