// Rules as people write them in the page: a sentence as one types, a trial on the stored readings, a list.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { Platform } from './platform.mjs';

const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];
const kPassword = 'correct horse battery';
const kWeekend = {
  name: 'Office power at the weekend',
  description: 'Somebody left the lights on.',
  device_type: 'bulb',
  conditions: [
    {
      ...{ kind: 'aggregate', aggregate: 'mean', window_s: 300, property: 'power' },
      ...{ operator: '>', threshold: 40, clear_threshold: 35 },
    },
    { kind: 'no_data', property: 'voltage', threshold: 600 },
  ],
  join: 'any',
  levels: [{ severity: 'critical', threshold: 90 }],
  for_s: 120,
  clear_for_s: 60,
  schedule: {
    time_zone: 'Europe/Berlin',
    weekdays: ['sat', 'sun'],
    times: [{ from: '22:00', to: '06:00' }],
    holidays: ['2026-12-25', '2026-12-26'],
    outside: false,
  },
  severity: 'high',
  notification_channels: ['email'],
};

describe('rules in the page', { timeout: 420_000 }, () => {
  let platform;
  let browser;
  let api;

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: { ENERGY_AUTH__BCRYPT_COST: '4' },
    });
    api = await platform.login();
    await api.call('POST', '/api/rules', { body: kWeekend });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  const visiting = (options, task) => visitingPage(browser, platform.url, options, task);
  const engineer = async (unique) => {
    const email = `rules-${unique}@example.org`;
    const body = { email, full_name: 'Robin Rules', role: 'engineer', password: kPassword };
    await api.call('POST', '/api/auth/register', { body });
    return { email, password: kPassword };
  };
  /** The text, once it matches. */
  const reads = async (locator, pattern) => {
    await locator.filter({ hasText: pattern }).waitFor();
    return locator.textContent();
  };

  for (const [theme, width, height] of kSizes) {
    const unique = `${theme}${width}`;
    const size = { theme, width, height };

    it(`a new engineer writes, tries, saves and pauses a plain rule, ${unique}`, () =>
      visiting(size, async (visit) => {
        const { page } = visit;
        await visit.login(await engineer(unique));
        await visit.go('/rules');
        await page.getByRole('link', { name: 'New rule' }).click();
        await page.getByLabel('Device', { exact: true }).click();
        await page.getByRole('option', { name: /\(D1\)$/ }).click();
        await page.getByLabel('Field', { exact: true }).fill('power');
        await page.keyboard.press('Escape');
        const summary = visit.by('rule-summary');
        await reads(summary, /^When power on .+ is above …, raise a medium alert\.$/);
        await page.getByLabel('Threshold', { exact: true }).fill('20');
        await reads(summary, /^When power on .+ is above 20\u00a0W, raise a medium alert\.$/);
        await reads(visit.by('live-value').first(), /W$/);

        await page.getByRole('button', { name: 'Run', exact: true }).click();
        const result = visit.by('backtest-result');
        await result.waitFor();
        await visit.by('chart-power').waitFor();
        const variants = visit.by('variants').getByRole('button');
        assert.ok((await variants.count()) >= 12, 'durations by hysteresis');
        await visit.look('rule-new');
        await result.scrollIntoViewIfNeeded();
        await visit.look('rule-backtest');
        await visit
          .by('variants')
          .getByRole('button', { name: /holds 5.min: .+take it over$/ })
          .first()
          .click();
        await reads(summary, /stays above 20\u00a0W for 5\u00a0min/);

        const name = `Power of the office ${unique}`;
        await page.getByLabel('Name', { exact: true }).fill(name);
        await page.getByRole('button', { name: 'Create rule' }).click();
        const row = visit.by('rule-row').filter({ hasText: name });
        await reads(row, /stays above 20\u00a0W for 5\u00a0min/);
        const stored = (await api.call('GET', '/api/rules', { query: { search: name } })).data
          .rules;
        assert.equal(stored.length, 1);
        assert.equal(stored[0].for_s, 300);
        assert.equal(stored[0].status, 'active');

        await row.getByRole('switch', { name: `Pause ${name}` }).click();
        await row.getByText('paused').waitFor();
        await page.getByRole('button', { name: 'Undo' }).waitFor();
        await visit.look('rules-list');
        await page.getByRole('button', { name: 'Undo' }).click();
        await row.getByRole('switch', { name: `Pause ${name}` }).waitFor();
        await row.getByRole('switch', { name: `Pause ${name}` }).click();
        await row.getByRole('switch', { name: `Activate ${name}` }).waitFor();
        const { status } = (await api.call('GET', `/api/rules/${stored[0].id}`)).data;
        assert.equal(status, 'paused');
      }));

    it(`everything a rule can have is shown, explained and refused by its field, ${unique}`, () =>
      visiting(size, async (visit) => {
        const { page } = visit;
        visit.ignore(/400 .*\/api\/rules/);
        await visit.login(platform.admin);
        await page.goto('/rules?kind=no_data');
        const link = page.getByRole('link', { name: kWeekend.name });
        await link.waitFor();
        await page.getByText('1 matching').waitFor();
        await link.click();
        await reads(
          visit.by('rule-summary'),
          /^When, on any bulb, the mean of power over 5\u00a0min/,
        );
        for (const fold of ['Against flicker', 'Escalation', 'Schedule', 'Alert']) {
          await page.getByRole('button', { name: new RegExp(`^${fold}`) }).click();
        }
        await page.getByLabel('Description').waitFor();
        await page.getByRole('button', { name: 'Check', exact: true }).click();
        await reads(visit.by('why'), /Mean of power over 5\u00a0min is/);
        await visit.look('rule-full');
        await page.getByLabel('Must hold for', { exact: true }).scrollIntoViewIfNeeded();
        await visit.look('rule-folds');
        await page.getByLabel('Time zone').scrollIntoViewIfNeeded();
        await visit.look('rule-schedule');

        await page.getByLabel('Power clears below').fill('50');
        await page.getByLabel('Time zone').fill('Berlin');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('must not be above the threshold of a rule with >').waitFor();
        await page.getByText('must be a name of the IANA database').waitFor();
        await visit.look('rule-refused');
        await page.getByRole('link', { name: 'Cancel' }).click();
        await page.getByRole('button', { name: 'Go on editing' }).click();
        await page.getByLabel('Time zone').fill('Europe/Berlin');
        await page.getByLabel('Power clears below').fill('35');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.waitForURL((url) => url.pathname === '/rules');
        const query = { search: kWeekend.name };
        const [stored] = (await api.call('GET', '/api/rules', { query })).data.rules;
        for (const name of ['levels', 'schedule', 'for_s', 'device_type', 'join']) {
          assert.deepEqual(stored[name], kWeekend[name]);
        }
      }));
  }
});
