import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { api } from '@/lib/api/instance';
import { store } from '@/lib/store/store';
import { takeUndo } from '@/lib/store/undo';
import { plainRule } from './fixtures';
import { listOf, showRules } from './testing';

const silent = {
  ...plainRule,
  id: '6f9f1c9e-2f0b-4c8a-9c1e-0b6d1f6f2a12',
  name: 'Bulb is silent',
  conditions: plainRule.conditions.map((one) => ({ ...one, kind: 'no_data' as const })),
};

afterEach(cleanup);

describe('RulesPage', () => {
  it('asks for what the URL says, leaving out what it cannot know', async () => {
    const address = '/rules?watches=type:bulb&status=paused&severity=loud&sort=-severity&page=2';
    const { asked } = showRules(address, { '/api/rules': listOf() });
    expect(await screen.findByText('No rule matches')).toBeTruthy();
    const { query } = asked.find(({ path }) => path === '/api/rules') ?? {};
    expect(query).toMatchObject({
      device_type: 'bulb',
      status: 'paused',
      sort: '-severity',
      page: 2,
    });
    expect(query?.severity).toBeUndefined();
    expect(query?.device_id).toBeUndefined();
  });

  it('filters by the kind of condition itself', async () => {
    const { asked } = showRules('/rules?kind=no_data', { '/api/rules': listOf(plainRule, silent) });
    expect(await screen.findByText('1 matching')).toBeTruthy();
    expect(screen.getByRole('link', { name: silent.name })).toBeTruthy();
    expect(screen.queryByRole('link', { name: plainRule.name })).toBeNull();
    const { query } = asked.find(({ path }) => path === '/api/rules') ?? {};
    expect(query).toMatchObject({ page: 1, page_size: 500 });
  });

  it('tells a rule as a sentence and leads to it', async () => {
    showRules('/rules', { '/api/rules': listOf(plainRule) });
    const row = await screen.findByTestId('rule-row');
    await waitFor(() => {
      expect(row.textContent).toContain('When power on Office Bulb is above 100\u00a0W');
    });
    const link = within(row).getByRole('link', { name: plainRule.name });
    expect(link.getAttribute('href')).toBe(`/rules/${plainRule.id}`);
  });

  it('goes from row to row by the arrow keys', async () => {
    showRules('/rules', { '/api/rules': listOf(plainRule, silent) });
    const first = await screen.findByRole('link', { name: plainRule.name });
    first.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toBe(silent.name);
    await userEvent.keyboard('{ArrowDown}{Home}');
    expect(document.activeElement).toBe(first);
  });

  it('pauses a rule, and activates it again when that is undone', async () => {
    const patch = vi.spyOn(api, 'patch').mockResolvedValue({ ...plainRule, status: 'paused' });
    showRules('/rules', { '/api/rules': listOf(plainRule) });
    await userEvent.click(await screen.findByRole('switch', { name: `Pause ${plainRule.name}` }));
    const told = await waitFor(() => {
      const notice = store.getState().ui.notices.at(-1);
      expect(notice).toMatchObject({ text: `${plainRule.name} is paused.`, undo: true });
      return notice;
    });
    takeUndo(told?.id ?? '')?.();
    await waitFor(() => {
      expect(patch.mock.calls.map(([, body]) => body)).toEqual([
        { status: 'paused' },
        { status: 'active' },
      ]);
    });
    expect(takeUndo(told?.id ?? '')).toBeUndefined();
  });

  it('asks before it deletes, and offers to archive instead', async () => {
    const remove = vi.spyOn(api, 'delete').mockResolvedValue({ message: '' });
    const patch = vi.spyOn(api, 'patch').mockResolvedValue({ ...plainRule, status: 'archived' });
    showRules('/rules', { '/api/rules': listOf(plainRule) });
    await userEvent.click(
      await screen.findByRole('button', { name: `More about ${plainRule.name}` }),
    );
    await userEvent.click(screen.getByRole('menuitem', { name: 'Delete' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Archive instead' }));
    expect(remove).not.toHaveBeenCalled();
    expect(patch).toHaveBeenCalledWith(`/api/rules/${plainRule.id}/status`, { status: 'archived' });
  });
});
