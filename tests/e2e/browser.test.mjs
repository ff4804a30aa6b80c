// Uses the web page of the demo as a person does, in headless Chromium.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { bulbReading, Platform, until } from './platform.mjs';

const kDevice = {
  id: 'D2',
  name: 'Workshop Lamp',
  type: 'bulb',
  location: 'Plant-A',
};
const kRule = {
  name: 'Workshop Lamp too hot',
  device_id: kDevice.id,
  property: 'temperature',
  operator: '>',
  threshold: 50,
  severity: 'critical',
  cooldown_minutes: 0,
};
const kHistoryMs = 90 * 60_000;
const kStepMs = 10_000;

describe('the web page of the demo', { timeout: 180_000 }, () => {
  let platform;
  let browser;
  let api;
  let credentials;
  let rule;

  const report = (temperature) =>
    platform.publish(credentials, [bulbReading(kDevice.id, Date.now(), { temperature })]);

  const alertsOf = async (status) => {
    const query = { rule_id: rule.id, status };
    return (await api.call('GET', '/api/alerts', { query })).data.alerts;
  };

  async function furnish() {
    await api.call('POST', '/api/devices', { body: kDevice });
    rule = (await api.call('POST', '/api/rules', { body: kRule })).data;
    credentials = (await api.call('POST', `/api/devices/${kDevice.id}/credentials`)).data;
    const now = Date.now();
    const readings = [];
    for (let time = now - kHistoryMs; time < now; time += kStepMs) {
      const wave = Math.sin(time / 600_000);
      const options = { temperature: 38 + 4 * wave, load: 1 + 0.15 * wave };
      readings.push(bulbReading(kDevice.id, time, options));
    }
    await platform.publish(credentials, readings);
  }

  before(async () => {
    platform = await Platform.start({ args: ['--faults', '0'] });
    const page = await fetch(platform.url);
    assert.ok(
      page.ok && page.headers.get('content-type').startsWith('text/html'),
      'the program finds no web page: build it, or set ENERGY_HTTP__WEB_DIR',
    );
    api = await platform.login();
    await furnish();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  const visiting = (options, task) => visitingPage(browser, platform.url, options, task);

  async function tour(visit) {
    const { page } = visit;
    const look = (name) => visit.look(name);

    await page.goto('/');
    await page.waitForURL('**/login');
    await visit.by('login-email').waitFor();
    await look('login');
    await visit.login(platform.admin);

    await visit.by('device-card-D1').waitFor();
    await visit.liveState('Live');
    assert.equal(await visit.by('open-alerts-count').textContent(), '0');
    await report(61);
    const row = visit.by('alert-row').filter({ hasText: kRule.name });
    await row.waitFor();
    await visit.by('open-alerts-count').filter({ hasText: '1' }).waitFor();
    await look('dashboard');

    await visit.go('/alerts');
    await row.waitFor();
    await look('alerts');
    await row.getByTestId('alert-ack').click();
    await row.filter({ hasText: 'Acknowledged' }).waitFor();
    await row.getByTestId('alert-ack').waitFor({ state: 'detached' });
    const notice = page.getByRole('alert').filter({ hasText: kRule.name });
    await notice.getByRole('button', { name: 'Close' }).click();
    await notice.waitFor({ state: 'detached' });
    assert.equal((await alertsOf('acknowledged')).length, 1);

    await visit.go('/devices');
    await page.getByText(kDevice.name).first().waitFor();
    await look('devices');
    await page.locator('a[href="/devices/D1"]').filter({ visible: true }).first().click();
    const before = await visit.newerReading('power');
    await visit.liveState('Live');
    await look('device');
    await visit.newerReading('power', before);

    await visit.go('/rules');
    await visit.by('rule-row').filter({ hasText: kRule.name }).waitFor();
    await look('rules');

    await report(40);
    await until('the alert resolves', async () => (await alertsOf('acknowledged')).length === 0);
  }

  for (const theme of ['light', 'dark']) {
    for (const [width, height] of [
      [1440, 900],
      [360, 800],
    ]) {
      it(`shows charts that move and alerts that arrive, ${theme}, ${width} x ${height}`, () =>
        visiting({ theme, width, height }, tour));
    }
  }

  it('is used by keyboard alone', () =>
    visiting({}, async (visit) => {
      const { keyboard } = visit.page;
      await visit.page.goto('/login');
      await visit.by('login-email').waitFor();
      await keyboard.type(platform.admin.email);
      await keyboard.press('Tab');
      await keyboard.type(platform.admin.password);
      await keyboard.press('Enter');
      await visit.by('device-card-D1').waitFor();

      const focused = () => visit.page.evaluate(() => document.activeElement.textContent.trim());
      const reached = [];
      for (let presses = 0; presses < 40 && !reached.includes('Rules'); ++presses) {
        await keyboard.press('Shift+Tab');
        reached.push(await focused());
      }
      assert.ok(reached.includes('Rules'), `reached only ${reached}`);
      await keyboard.press('Enter');
      await visit.by('rule-row').first().waitFor();
    }));

  it('says that a password is wrong', () =>
    visiting({}, async (visit) => {
      visit.ignore(/401 .*\/api\/auth\/login\)$/);
      await visit.page.goto('/login');
      await visit.by('login-email').fill(platform.admin.email);
      await visit.by('login-password').fill('not the password');
      await visit.by('login-submit').click();
      await visit.page.getByRole('alert').waitFor();
      assert.equal(new URL(visit.page.url()).pathname, '/login');
    }));

  it('keeps the session and the theme over a reload, until the user signs out', () =>
    visiting({}, async (visit) => {
      await visit.login(platform.admin);
      await visit.by('theme-toggle').click();
      await visit.page.locator('html[data-theme="dark"]').waitFor();
      await visit.page.goto('/devices/D1?range=6h');
      await visit.newerReading('temperature');
      await visit.page.reload();
      await visit.newerReading('temperature');
      await visit.page.locator('html[data-theme="dark"]').waitFor();
      assert.equal(new URL(visit.page.url()).pathname, '/devices/D1');

      const stored = await visit.page.evaluate(() => JSON.stringify({ ...localStorage }));
      assert.doesNotMatch(stored, /eyJ/, 'a token is in the local storage');
      await visit.page.getByRole('button', { name: 'Account' }).click();
      await visit.page.getByRole('menuitem', { name: 'Sign out' }).click();
      await visit.by('login-email').waitFor();
      await visit.page.goto('/devices/D1');
      await visit.by('login-email').waitFor();
    }));

  it('reconnects by itself after a restart of the program', () =>
    visiting({}, async (visit) => {
      await visit.login(platform.admin);
      await visit.page.goto('/devices/D1');
      await visit.liveState('Live');
      const before = await visit.newerReading('power');

      visit.ignore(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket/);
      await platform.stop();
      await visit.liveState('Reconnecting', 'Offline');
      await visit.page.getByText('The platform does not answer').waitFor();
      await platform.launch();
      await visit.liveState('Live');
      await visit.newerReading('power', before);
      await visit.page.getByText('The platform does not answer').waitFor({ state: 'detached' });
    }));
});
