import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/api/error';
import { api } from '@/lib/api/instance';
import type { Backtest } from '@/lib/api/types';
import { plainRule } from './fixtures';
import { listOf, showRules } from './testing';

vi.mock('@/components/charts/time-series-chart', () => ({ TimeSeriesChart: () => null }));
vi.mock('@/lib/live/hooks', () => ({ useLatestReading: () => null }));

const backtest: Backtest = {
  ...{ device_id: 'D1', start: '2026-01-09T00:00:00Z', end: '2026-02-08T00:00:00Z' },
  ...{ readings: 518_400, episode_count: 12, alert_minutes: 90, truncated: false, days: [] },
  episodes: [],
  variants: [
    ...[
      { clear_threshold: null, for_s: 0, as_drafted: true, episodes: 12 },
      { clear_threshold: null, for_s: 60, as_drafted: false, episodes: 3 },
      { clear_threshold: 95, for_s: 0, as_drafted: false, episodes: 5 },
    ].map((one) => ({ ...one, suppressed: 0, alert_minutes: 9 })),
  ],
};
const stored = `/rules/${plainRule.id}`;
const answers = {
  '/api/rules': listOf(plainRule),
  [`/api/rules/${plainRule.id}`]: plainRule,
  '/api/data/telemetry/D1': { device_id: 'D1', data: [], fields: [] },
};
const summary = () =>
  screen.getByTestId('rule-summary').textContent?.replaceAll('\u00a0', ' ') ?? '';
const threshold = () => screen.getByLabelText<HTMLInputElement>('Threshold');

afterEach(cleanup);

describe('a new rule', () => {
  it('needs a device, a field and a threshold, and tells itself as they are given', async () => {
    const post = vi.spyOn(api, 'post').mockResolvedValue(plainRule);
    const { router } = showRules('/rules/new', answers);
    await userEvent.click(await screen.findByLabelText('Device'));
    await userEvent.click(await screen.findByRole('option', { name: 'Office Bulb (D1)' }));
    await userEvent.type(screen.getByLabelText('Field'), 'power');
    expect(await screen.findByText('42.5 W')).toBeTruthy();
    expect(summary()).toContain('When power on Office Bulb is above …');
    await userEvent.type(threshold(), '100');
    expect(summary()).toBe('When power on Office Bulb is above 100 W, raise a medium alert.');
    await userEvent.click(screen.getByRole('button', { name: 'Create rule' }));
    expect(post).toHaveBeenCalledWith(
      '/api/rules',
      expect.objectContaining({
        name: 'Power on Office Bulb is above 100 W',
        device_id: 'D1',
        conditions: [
          {
            ...{ kind: 'threshold', property: 'power', operator: '>', threshold: 100 },
            clear_threshold: null,
          },
        ],
        cooldown_minutes: 15,
      }),
    );
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/rules');
    });
  });

  it('says by the fields what is missing, and puts the focus there', async () => {
    const post = vi.spyOn(api, 'post');
    showRules('/rules/new?device=D1&field=power', answers);
    await userEvent.click(await screen.findByRole('button', { name: 'Create rule' }));
    expect(await screen.findByText('Enter a number.')).toBeTruthy();
    await waitFor(() => {
      expect(document.activeElement).toBe(threshold());
    });
    expect(post).not.toHaveBeenCalled();
  });

  it("shows the server's own words by the field, also in a fold", async () => {
    const refusal = new ApiError(400, 'VALIDATION_ERROR', 'the rule is not valid', {
      clear_threshold: 'must not be above the threshold of a rule with >',
      conditions: 'takes at most 8: make several rules',
    });
    vi.spyOn(api, 'post').mockRejectedValue(refusal);
    showRules('/rules/new?device=D1&field=power', answers);
    await userEvent.type(await screen.findByLabelText('Threshold'), '100');
    expect(screen.queryByLabelText('Clears below')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Create rule' }));
    expect(
      await screen.findByText('must not be above the threshold of a rule with >'),
    ).toBeTruthy();
    expect(screen.getByLabelText('Clears below').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('conditions takes at most 8: make several rules')).toBeTruthy();
  });
});

describe('a stored rule', () => {
  it('is saved from the version that was opened, and asks before changes are lost', async () => {
    const put = vi.spyOn(api, 'put').mockResolvedValue({ ...plainRule, version: 4 });
    const { router } = showRules(stored, answers);
    await userEvent.clear(await screen.findByLabelText('Threshold'));
    await userEvent.type(threshold(), '90');
    await userEvent.click(screen.getByRole('link', { name: 'Cancel' }));
    expect(await screen.findByText('Leave without saving?')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Go on editing' }));
    // The form is hidden from roles until the question has faded.
    await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
    expect(put.mock.calls[0]?.[1]).toMatchObject({ version: 3, name: plainRule.name });
    await waitFor(() => {
      expect(router.state.location.pathname).toBe('/rules');
    });
  });

  it('says that somebody else has changed it, and takes either side', async () => {
    const conflict = new ApiError(409, 'CONFLICT', 'changed meanwhile');
    const put = vi.spyOn(api, 'put').mockRejectedValue(conflict);
    const theirs = { ...answers, [`/api/rules/${plainRule.id}`]: { ...plainRule } };
    showRules(stored, theirs);
    await userEvent.type(await screen.findByLabelText('Threshold'), '1');
    const theirRule = { ...plainRule, threshold: 80, version: 5 };
    Object.assign(theirs[`/api/rules/${plainRule.id}`] ?? {}, {
      ...theirRule,
      conditions: plainRule.conditions.map((one) => ({ ...one, threshold: 80 })),
    });
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText(/Somebody has changed this rule/)).toBeTruthy();
    expect(threshold().value).toBe('1001');
    await userEvent.click(screen.getByRole('button', { name: 'Save mine' }));
    await waitFor(() => {
      expect(put.mock.calls.map(([, body]) => (body as { version: number }).version)).toEqual([
        3, 5,
      ]);
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Take theirs' }));
    await waitFor(() => {
      expect(threshold().value).toBe('80');
    });
  });
});

describe('the backtest', () => {
  it('replays the draft, and takes a variant over with one click', async () => {
    const post = vi.spyOn(api, 'post').mockResolvedValue(backtest);
    showRules(stored, answers);
    await userEvent.click(await screen.findByRole('button', { name: 'Run' }));
    const result = await screen.findByTestId('backtest-result');
    expect(within(result).getByText('episodes in 30 days')).toBeTruthy();
    expect(within(result).getByText('3 min')).toBeTruthy();
    await userEvent.click(
      within(result).getByRole('button', { name: /^Clears below 95.W, holds at once: 5 episodes/ }),
    );
    expect(summary()).toContain('It clears once power is back below 95 W.');
    await waitFor(() => {
      expect(post).toHaveBeenCalledTimes(2);
    });
    const body = post.mock.calls[1]?.[1] as { conditions: unknown[]; on_device: string };
    expect(body).toMatchObject({ on_device: 'D1', conditions: [{ clear_threshold: 95 }] });
    await userEvent.type(threshold(), '1');
    expect(await screen.findByText('The rule has changed since: run it again.')).toBeTruthy();
  });

  it('is given up on request', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    vi.spyOn(api, 'post').mockImplementation((_path, _body, options) => {
      signals.push(options?.signal);
      return new Promise(() => undefined);
    });
    showRules(stored, answers);
    await userEvent.click(await screen.findByRole('button', { name: 'Run' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(signals[0]?.aborted).toBe(true);
    expect(await screen.findByRole('button', { name: 'Run' })).toBeTruthy();
  });
});

describe('why', () => {
  it('tells of each condition whether it holds, and with which value', async () => {
    const condition = { ...plainRule.conditions[0], holds: false, value: 42.5, reason: 'because' };
    vi.spyOn(api, 'post').mockResolvedValue({
      ...{ device_id: 'D1', timestamp: '2026-02-07T11:26:00Z', holds: false },
      ...{ schedule_active: true, severity: null, conditions: [condition] },
    });
    showRules(stored, answers);
    await userEvent.click(await screen.findByRole('button', { name: 'Check' }));
    expect((await screen.findByTestId('why')).textContent).toContain(
      'Power is 42.5\u00a0W, not above 100\u00a0W',
    );
  });
});
