import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '@/lib/api/client';
import { api } from '@/lib/api/instance';
import type { DeadLetter, User } from '@/lib/api/types';
import { sessionChanged } from '@/lib/store/session-slice';
import { store } from '@/lib/store/store';
import { DeadLettersPage } from './dead-letters-page';

const letter: DeadLetter = {
  id: '7',
  device_id: 'D9',
  topic: 'devices/D9/telemetry',
  payload: '{"voltage":1}',
  reason: 'unknown_device',
  detail: 'no device D9 is registered',
  received_at: '2026-02-07T11:26:00Z',
};

/** Answers with these dead letters; returns the queries that asked for them. */
function show(path: string, dead_letters: DeadLetter[]) {
  const asked: RequestOptions['query'][] = [];
  vi.spyOn(api, 'get').mockImplementation((url: string, options?: RequestOptions) => {
    const paging = { total: 1, page: 1, page_size: 25 };
    if (url !== '/api/data/dead-letters') return Promise.resolve({ devices: [], ...paging });
    asked.push(options?.query);
    return Promise.resolve({ dead_letters, ...paging, total: dead_letters.length });
  });
  render(
    <Provider store={store}>
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter initialEntries={[path]}>
          <DeadLettersPage />
        </MemoryRouter>
      </QueryClientProvider>
    </Provider>,
  );
  return asked;
}

afterEach(cleanup);

describe('DeadLettersPage', () => {
  it('shows a message once its row is opened', async () => {
    show('/dead-letters', [letter]);
    const row = await screen.findByRole('button', { name: /Unknown device.*no device D9/ });
    expect(screen.queryByLabelText('Message')).toBeNull();
    await userEvent.click(row);
    expect(row.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByLabelText('Message').textContent).toBe('{\n  "voltage": 1\n}');
  });

  it('asks for what the URL says, leaving out what it cannot know', async () => {
    const now = Date.now();
    const asked = show('/dead-letters?device=D9&reason=nonsense&range=1h&sort=reason&page=2', []);
    expect(await screen.findByText('No rejected message matches')).toBeTruthy();
    expect(asked[0]).toMatchObject({ device_id: 'D9', sort: 'reason', page: 2 });
    expect(asked[0]?.reason).toBeUndefined();
    const start = Date.parse(String(asked[0]?.start));
    expect(Math.abs(start - (now - 3_600_000))).toBeLessThan(5_000);
  });

  it('replays what matches and removes only after a question', async () => {
    const admin: Partial<User> = { role: 'admin' };
    store.dispatch(sessionChanged(admin as User));
    const post = vi
      .spyOn(api, 'post')
      .mockResolvedValue({ letters: 1, replayed: 1, refused: 0, readings: 1, more: false });
    const remove = vi.spyOn(api, 'delete').mockResolvedValue({ purged: 1 });
    show('/dead-letters?reason=unknown_device', [letter]);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Replay all 1 matching messages' }),
    );
    expect(post).toHaveBeenCalledWith('/api/data/dead-letters/replay?reason=unknown_device');
    expect(store.getState().ui.notices.at(-1)?.text).toBe('1 reading of 1 message stored');
    await userEvent.click(screen.getByRole('button', { name: 'Remove all 1 matching messages' }));
    expect(remove).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Remove' }));
    expect(remove).toHaveBeenCalledWith('/api/data/dead-letters?reason=unknown_device');
  });

  it('clears the filters on request', async () => {
    const asked = show('/dead-letters?reason=parse_error', []);
    await userEvent.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByText('Nothing was rejected')).toBeTruthy();
    expect(asked.at(-1)?.reason).toBeUndefined();
  });
});
