// The list of alerts and the page of one: what is done about them, in every size and colour.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { bulbReading, Platform, until } from './platform.mjs';

const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];
const kStepMs = 10_000;
const kHistoryMs = 20 * 60_000;

describe('the pages of alerts', { timeout: 240_000 }, () => {
  let platform;
  let browser;
  let api;
  const credentials = {};

  const report = (device, temperature, time = Date.now()) =>
    platform.publish(credentials[device], [bulbReading(device, time, { temperature })]);

  async function furnish(id, severity) {
    await api.call('POST', '/api/devices', { body: { id, name: `Lamp ${id}`, type: 'bulb' } });
    credentials[id] = (await api.call('POST', `/api/devices/${id}/credentials`)).data;
    const readings = [];
    for (let time = Date.now() - kHistoryMs; time < Date.now(); time += kStepMs) {
      readings.push(bulbReading(id, time, { temperature: 40 + 4 * Math.sin(time / 90_000) }));
    }
    await platform.publish(credentials[id], readings);
    const rule = { device_id: id, property: 'temperature', operator: '>', threshold: 50, severity };
    const body = { ...rule, name: `${id} too hot`, cooldown_minutes: 0 };
    await api.call('POST', '/api/rules', { body });
  }

  const activeOf = async (device_id) => {
    const query = { device_id, status: 'open,acknowledged', shelved: 'include' };
    return (await api.call('GET', '/api/alerts', { query })).data.alerts[0];
  };

  before(async () => {
    platform = await Platform.start({ args: ['--faults', '0'] });
    api = await platform.login();
    for (const [id, severity] of [
      ['L1', 'critical'],
      ['L2', 'high'],
      ['L3', 'low'],
    ]) {
      await furnish(id, severity);
    }
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  const visiting = (options, task) => visitingPage(browser, platform.url, options, task);

  /** From the list to the page of an alert and through its life. */
  async function handle(visit) {
    const { page } = visit;
    await visit.go('/alerts');
    await report('L1', 60);
    const row = visit.by('alert-row').filter({ hasText: 'L1 too hot' });
    await row.waitFor();
    await visit.by('severity-critical').filter({ hasText: '1' }).waitFor();
    await visit.look('alerts-list');
    await row.click();
    await page.waitForURL('**/alerts/*');
    const history = visit.by('alert-event');
    const state = (text) => page.locator('main h1 + div, main h1 ~ div').filter({ hasText: text });
    await history.filter({ hasText: 'Raised' }).waitFor();

    await page.getByLabel('Comment (optional)').fill('Fan ordered.');
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await history.filter({ hasText: `Acknowledged by ${platform.admin.email}` }).waitFor();
    await history.filter({ hasText: 'Fan ordered.' }).waitFor();
    await page.getByLabel('Comment (optional)').fill('It arrives at noon.');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await history.filter({ hasText: 'It arrives at noon.' }).waitFor();
    await page.getByLabel('Assigned to').click();
    await page.getByRole('option', { name: '(me)' }).click();
    await history.filter({ hasText: 'Assigned to' }).waitFor();
    await page.getByRole('button', { name: 'Shelve' }).click();
    await page.getByRole('menuitem', { name: 'For 30 minutes' }).click();
    await state('Shelved').first().waitFor();
    await page.getByRole('button', { name: 'Unshelve' }).click();
    await history.filter({ hasText: 'Unshelved by' }).waitFor();
    await visit.by('chart-temperature').waitFor();
    await visit.look('alert');

    await page.getByRole('button', { name: 'Resolve' }).click();
    await history.filter({ hasText: 'Resolved by' }).waitFor();
    await page.getByRole('button', { name: 'Reopen' }).click();
    await history.filter({ hasText: 'Reopened by' }).waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    assert.equal((await activeOf('L1')).status, 'open');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await until('it is resolved', async () => !(await activeOf('L1')));
    await report('L1', 40);
  }

  for (const [theme, width, height] of kSizes) {
    it(`takes an alert through its life, ${theme}, ${width} x ${height}`, () =>
      visiting({ theme, width, height }, async (visit) => {
        await visit.login(platform.admin);
        await handle(visit);
      }));
  }

  it('handles many at once, and follows what others do', () =>
    visiting({}, async (visit) => {
      const { page } = visit;
      await visit.login(platform.admin);
      await visit.go('/alerts');
      await Promise.all([report('L2', 60), report('L3', 60)]);
      const rows = visit.by('alert-row');
      const row = (name) => rows.filter({ hasText: `${name} too hot` });
      for (const name of ['L2', 'L3']) await row(name).waitFor();
      await page.getByLabel('Select all on this page').check();
      await visit.by('bulk-bar').filter({ hasText: '2 selected' }).waitFor();
      await visit.look('alerts-selected');
      await visit.by('bulk-bar').getByRole('button', { name: 'Acknowledge' }).click();
      for (const name of ['L2', 'L3']) await row(name).filter({ hasText: 'Acknowledged' }).waitFor();
      await visit.by('bulk-bar').waitFor({ state: 'detached' });

      await visit.by('severity-low').click();
      await row('L2').waitFor({ state: 'detached' });
      assert.equal(new URL(page.url()).searchParams.get('severity'), 'low');
      const { id } = await activeOf('L3');
      await api.call('POST', `/api/alerts/${id}/resolve`, { body: {} });
      await row('L3').waitFor({ state: 'detached' });
    }));

  it('is used by keyboard, and from links of before', () =>
    visiting({}, async (visit) => {
      const { page } = visit;
      await visit.login(platform.admin);
      await visit.go('/alerts');
      await Promise.all([report('L2', 61), report('L3', 61)]);
      const rows = visit.by('alert-row');
      await until('both are shown', async () => (await rows.count()) === 2);
      await rows.first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press(' ');
      await visit.by('bulk-bar').filter({ hasText: '1 selected' }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL('**/alerts/*');
      await visit.by('alert-event').first().waitFor();
      const { id } = await activeOf('L2');
      await page.goto(`/alerts?alert=${id}`);
      await page.waitForURL(`**/alerts/${id}`);
      await page.getByRole('heading', { name: 'L2 too hot' }).waitFor();
    }));
});
