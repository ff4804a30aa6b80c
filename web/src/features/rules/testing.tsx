import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { Provider } from 'react-redux';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import type { RequestOptions } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import type { Device, Rule, User } from '@/lib/api/types';
import { sessionChanged } from '@/lib/store/session-slice';
import { store } from '@/lib/store/store';
import { plainRule } from './fixtures';
import { NewRulePage, RulePage } from './rule-page';
import { RulesPage } from './rules-page';

export const bulb: Device = {
  ...({ id: 'D1', name: 'Office Bulb', type: 'bulb', location: null, status: 'active' } as Device),
  metadata: { site: 'north' },
};

const kAnswers: Record<string, object> = {
  '/api/devices': { devices: [bulb], total: 1, page: 1, page_size: 500 },
  '/api/devices/D1/status': { latest: { device_id: 'D1', timestamp: '', power: 42.5 } },
  '/api/profiles': {
    profiles: [{ type: 'bulb', fields: [{ name: 'power', unit: 'W', min: 0, max: 200 }] }],
  },
};

/**
 * Shows the pages of rules from this address on, with a server that has one device; `answers` are of other paths.
 * Returns what was asked for.
 */
export function showRules(address: string, answers: Record<string, object>) {
  const asked: { path: string; query: RequestOptions['query'] }[] = [];
  vi.spyOn(api, 'get').mockImplementation((path: string, options?: RequestOptions) => {
    asked.push({ path, query: options?.query });
    const answer = { ...kAnswers, ...answers }[path];
    return answer === undefined
      ? Promise.reject(new ApiError(404, 'NOT_FOUND', `no ${path}`))
      : Promise.resolve(answer);
  });
  store.dispatch(sessionChanged({ role: 'engineer' } as User));
  const router = createMemoryRouter(
    [
      { path: '/rules', element: <RulesPage /> },
      { path: '/rules/new', element: <NewRulePage /> },
      { path: '/rules/:id', element: <RulePage id={plainRule.id} /> },
    ],
    { initialEntries: [address] },
  );
  render(
    <Provider store={store}>
      <QueryClientProvider
        client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
      >
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Provider>,
  );
  return { asked, router };
}

export const listOf = (...rules: Rule[]) => ({
  ...{ rules, total: rules.length, page: 1, page_size: 25 },
});
