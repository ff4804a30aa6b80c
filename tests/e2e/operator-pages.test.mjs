// The pages for those who run the platform: profiles, rejected messages, MQTT clients, SQL, and what a device's page
// tells of its data.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { bulbReading, Platform, until } from './platform.mjs';

const kSavedMs = 20_000;
const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];

describe('the pages of an operator', { timeout: 420_000 }, () => {
  let platform;
  let browser;
  let api;
  let credentials;

  before(async () => {
    platform = await Platform.start({ args: ['--faults', '0'] });
    api = await platform.login();
    const lamp = {
      id: 'D2',
      name: 'Workshop Lamp',
      type: 'bulb',
      location: 'Plant-A',
    };
    await api.call('POST', '/api/devices', { body: lamp });
    credentials = (await api.call('POST', '/api/devices/D2/credentials')).data;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  const visiting = (options, task) => visitingPage(browser, platform.url, options, task);

  /** The same on every size, with a name of its own each time. */
  function everywhere(what, task) {
    for (const [theme, width, height] of kSizes) {
      it(`${what}, ${theme}, ${width} x ${height}`, () =>
        visiting({ theme, width, height }, async (visit) => {
          await visit.login(platform.admin);
          await task(visit, `${theme}${width}`);
        }));
    }
  }

  /** The text of what a click lets the browser save, and its name. */
  async function saved(visit, click) {
    const [download] = await Promise.all([visit.page.waitForEvent('download'), click()]);
    const file = await Promise.race([
      download.path(),
      delay(kSavedMs, null, { ref: false }).then(() =>
        Promise.reject(new Error('the file was never complete')),
      ),
    ]);
    return { name: download.suggestedFilename(), text: await readFile(file, 'utf8') };
  }

  everywhere('profiles are checked as they are typed', async (visit, unique) => {
    const { page } = visit;
    // The dry run's refusals are what the page shows.
    visit.ignore(/400 .*dry_run=true\)$/);
    await visit.go('/profiles');
    await visit.by('profile-card').filter({ hasText: 'bulb' }).waitFor();
    await visit.look('profiles');

    await page.getByRole('button', { name: 'New profile' }).click();
    const type = `pump_${unique}`;
    await page.getByLabel('Device type').fill(type);
    const row = page.getByRole('group', { name: 'Field 1' });
    await row.getByLabel('Name').fill('1st');
    await row.getByLabel('Min', { exact: true }).fill('9');
    await row.getByLabel('Max', { exact: true }).fill('2,5');
    await row.getByLabel('Unit').fill('bar');
    await row.getByText('must be 1 to 64 of a-z').waitFor();
    await row.getByText('must be less than max').waitFor();
    await row.getByLabel('Name').fill('pressure');
    await row.getByLabel('Min', { exact: true }).fill('0');
    await visit.by('profile-impact').getByText('No device is of this type yet').waitFor();
    await page.getByRole('button', { name: 'Add profile' }).click();
    await visit.by('profile-card').filter({ hasText: type }).waitFor();
    const stored = (await api.call('GET', `/api/profiles/${type}`)).data;
    assert.deepEqual(stored.fields.length, 1);
    assert.deepEqual(stored.fields[0], {
      ...{ name: 'pressure', unit: 'bar', required: false, min: 0, max: 2.5 },
      ...{ nominal_min: null, nominal_max: null },
    });

    await page.getByRole('button', { name: 'Edit bulb' }).click();
    await page.getByRole('button', { name: 'Remove voltage' }).click();
    const impact = visit.by('profile-impact');
    await impact.getByText('1 active rule would stop working').waitFor();
    await impact.getByText('Voltage spike').waitFor();
    const save = page.getByRole('button', { name: 'Save' });
    assert.ok(await save.isDisabled(), 'saving needs a word on the broken rule');
    await visit.look('profile-impact');
    await impact.getByLabel('Save all the same').check();
    assert.ok(await save.isEnabled());
    await page.getByRole('button', { name: 'Cancel' }).click();
    const bulb = (await api.call('GET', '/api/profiles/bulb')).data;
    assert.equal(bulb.version, 1, 'a check stores nothing');

    await page.getByRole('button', { name: `Remove ${type}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await visit.by('profile-card').filter({ hasText: type }).waitFor({ state: 'detached' });
  });

  everywhere('rejected messages are filtered, downloaded, replayed and removed', async (visit) => {
    const { page } = visit;
    const late = { ...bulbReading('D2', Date.now()), voltage: 900 };
    await platform.publish(credentials, [JSON.stringify(late), '{"voltage": 1']);
    await until('both are rejected', async () => {
      const { total } = (await api.call('GET', '/api/data/dead-letters')).data;
      return total === 2;
    });
    await visit.go('/dead-letters');
    const rows = visit.by('dead-letter-row');
    await rows.nth(1).waitFor();
    await visit.look('rejected');
    await page.getByRole('combobox', { name: 'Reason' }).click();
    await page.getByRole('option', { name: 'Invalid' }).click();
    await page.getByText('1 matching').waitFor();
    const file = await saved(visit, () =>
      page.getByRole('button', { name: /^Export all/ }).click(),
    );
    assert.match(file.name, /^rejected-.*\.ndjson$/);
    const letters = file.text.trim().split('\n');
    assert.equal(letters.length, 1, 'only what the filter leaves');
    assert.equal(JSON.parse(letters[0]).reason, 'validation_error');
    await page.getByRole('button', { name: /^Replay all/ }).click();
    await page.getByText('1 message refused again').waitFor();
    await page.getByRole('button', { name: /^Remove all/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No rejected message matches').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await rows.first().waitFor();
    await api.call('DELETE', '/api/data/dead-letters');
  });

  everywhere('a device is charted by window, described and exported', async (visit) => {
    const { page } = visit;
    await page.goto('/devices/D1?range=24h');
    await visit.newerReading('power');
    await page.getByText(/^Mean$/).waitFor();
    const statistics = visit.by('statistics').getByRole('row').filter({ hasText: 'Power' });
    await statistics.waitFor();
    await visit.by('arrival').getByText('Received').waitFor();
    await page.getByText('thinned out for this range; peaks are kept').waitFor();
    await visit.look('device-day');

    await page.getByRole('button', { name: 'All fields' }).click();
    for (const name of ['Voltage', 'Current', 'Temperature']) {
      await page.getByRole('menuitemcheckbox', { name }).click();
    }
    await page.keyboard.press('Escape');
    await visit.by('chart-voltage').waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Show' }).click();
    await page.getByRole('option', { name: 'Integral over time' }).click();
    await page.getByRole('combobox', { name: 'Window' }).click();
    await page.getByRole('option', { name: 'every 1 h' }).click();
    await page.getByText('Integral over time every 1 h, from hourly rollups').waitFor();
    const chart = visit.by('chart-power');
    const hours = async () => Number(await chart.getAttribute('data-points'));
    await until('a value an hour', async () => (await hours()) >= 24 && (await hours()) <= 25);
    await page.getByRole('heading', { name: /^Power k?Wh$/ }).waitFor();
    await visit.look('device-windows');

    const exported = async (format) => {
      await page.getByRole('button', { name: 'Export' }).click();
      return saved(visit, () => page.getByRole('menuitem', { name: format }).click());
    };
    const windows = await exported('CSV');
    assert.match(windows.name, /^D1-.*\.csv$/);
    assert.match(windows.text, /^time,device_id,power\r\n/);
    await page.getByRole('combobox', { name: 'Show' }).click();
    await page.getByRole('option', { name: 'Readings', exact: true }).click();
    const readings = await exported('JSON');
    const { data } = JSON.parse(readings.text);
    assert.deepEqual(data.fields, ['power']);
    assert.ok(data.count > 17_000 && !data.downsampled, 'every reading, not the thinned ones');
    const arrow = await exported('Arrow');
    assert.match(arrow.name, /\.arrows$/);
    assert.ok(arrow.text.includes('time') && arrow.text.length > 100_000);
  });

  everywhere('MQTT clients are listed, traced and disconnected', async (visit, unique) => {
    const { page } = visit;
    // A client that was never traced has no trace, one that is gone no figures.
    visit.ignore(/404 .*\/api\/mqtt\/clients\/[^/]+(\/trace)?\)$/);
    const clientId = `gateway-${unique}`;
    const { username, password, topic } = credentials;
    const client = await mqtt.connectAsync(`mqtt://${platform.mqtt}`, {
      ...{ username, password, clientId, protocolVersion: 5, reconnectPeriod: 0 },
    });
    try {
      const wrong = { username: `stranger-${unique}`, password: 'wrong', reconnectPeriod: 0 };
      await assert.rejects(mqtt.connectAsync(`mqtt://${platform.mqtt}`, wrong));
      await visit.go('/mqtt');
      await visit.by('mqtt-client').filter({ hasText: clientId }).waitFor();
      await visit.look('mqtt');
      await page.getByRole('tab', { name: 'Errors' }).click();
      await visit
        .by('mqtt-error')
        .filter({ hasText: `stranger-${unique}` })
        .waitFor();
      await visit.look('mqtt-errors');
      await page.getByRole('tab', { name: 'Clients' }).click();

      await visit.by('mqtt-client').filter({ hasText: clientId }).getByRole('button').click();
      const drawer = page.getByRole('dialog', { name: `MQTT client ${clientId}` });
      await drawer.getByText('MQTT 5.0 over TCP').waitFor();
      await drawer.getByLabel('With content of messages').check();
      await drawer.getByRole('button', { name: 'Start' }).click();
      await drawer.getByText('Running').waitFor();
      const reading = JSON.stringify(bulbReading('D2', Date.now(), { temperature: 37.25 }));
      await client.publishAsync(topic, reading, { qos: 1 });
      const packets = visit.by('mqtt-packet');
      await packets.filter({ hasText: '37.25' }).waitFor();
      await packets.filter({ hasText: 'PUBACK' }).waitFor();
      await visit.look('mqtt-trace');
      await drawer.getByRole('button', { name: 'Stop' }).click();
      await drawer.getByRole('button', { name: 'Start' }).waitFor();

      const closed = new Promise((done) => client.once('close', done));
      await drawer.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).last().click();
      await closed;
      await drawer.getByText('Not connected any more').waitFor();
    } finally {
      await client.endAsync(true);
    }
  });

  everywhere('MQTT credentials are made, ruled, changed and revoked', async (visit, unique) => {
    const { page } = visit;
    visit.ignore(/400 .*\/api\/mqtt\/(credentials|acl)\)$/);
    const username = `scada-${unique}`;
    const connect = (password) =>
      mqtt.connectAsync(`mqtt://${platform.mqtt}`, {
        ...{ username, password, protocolVersion: 5, reconnectPeriod: 0 },
      });
    const passwordShown = async (dialog) => {
      await dialog.getByText('shown this once').waitFor();
      const password = await dialog.getByLabel('Password', { exact: true }).inputValue();
      await dialog.getByRole('button', { name: 'Copy Password' }).click();
      return password;
    };
    await visit.go('/mqtt');
    await page.getByRole('tab', { name: 'Access' }).click();
    await visit.by('mqtt-credential').filter({ hasText: 'device_D2' }).waitFor();
    await visit.look('mqtt-access');

    await page.getByRole('button', { name: 'New credential' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('device_D2');
    await dialog.getByLabel('May subscribe to').fill('devices/#/telemetry');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('must be topic filters').waitFor();
    await visit.look('mqtt-credential-errors');
    await dialog.getByLabel('User name').fill(username);
    await dialog.getByLabel('May subscribe to').fill('devices/+/telemetry');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const first = await passwordShown(dialog);
    await visit.look('mqtt-credential-issued');
    await dialog.getByRole('button', { name: 'I have kept it' }).click();

    const client = await connect(first);
    try {
      await client.subscribeAsync('devices/D2/telemetry');
      await visit.by('mqtt-credential').filter({ hasText: username }).getByRole('button').click();
      const drawer = page.getByRole('dialog', { name: `MQTT credential ${username}` });
      const rules = visit.by('mqtt-rule');
      await rules.filter({ hasText: 'devices/+/telemetry' }).waitFor();
      await drawer.getByLabel('Topic filter').fill('plant/#/x');
      await drawer.getByRole('button', { name: 'Add rule' }).click();
      await drawer.getByText('must be topic filters').waitFor();
      await drawer.getByLabel('Topic filter').fill('clients/%c/#');
      await drawer.getByLabel('Action').click();
      await page.getByRole('option', { name: 'Publish' }).click();
      await drawer.getByRole('button', { name: 'Add rule' }).click();
      await rules.filter({ hasText: 'clients/%c/#' }).waitFor();
      await visit.look('mqtt-credential');
      await drawer.getByRole('button', { name: 'Remove the rule about clients/%c/#' }).click();
      await page.getByRole('button', { name: 'Remove rule', exact: true }).click();
      await rules.filter({ hasText: 'clients/%c/#' }).waitFor({ state: 'detached' });

      const closed = new Promise((done) => client.once('close', done));
      await drawer.getByRole('button', { name: 'New password' }).click();
      await page.getByRole('button', { name: 'Change password' }).click();
      const changed = page.getByRole('dialog').filter({ hasText: 'The new password' });
      const second = await passwordShown(changed);
      assert.notEqual(second, first);
      await changed.getByRole('button', { name: 'I have kept it' }).click();
      await closed;
      await assert.rejects(connect(first));
      const again = await connect(second);
      const ended = new Promise((done) => again.once('close', done));
      await drawer.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('button', { name: 'Revoke', exact: true }).last().click();
      await ended;
      await again.endAsync(true);
      await visit
        .by('mqtt-credential')
        .filter({ hasText: username })
        .waitFor({ state: 'detached' });
    } finally {
      await client.endAsync(true);
    }
  });

  everywhere(
    'SQL runs, is paged, downloaded, explained when wrong, and cancelled',
    async (visit) => {
      const { page } = visit;
      visit.ignore(/400 .*\/api\/data\/query\)$/);
      await visit.go('/sql');
      const editor = page.getByLabel('SQL statement');
      const run = async (sql) => {
        await editor.fill(sql);
        await page.keyboard.press('Control+Enter');
      };
      await run("SELECT time, power FROM telemetry WHERE device_id = 'D1' ORDER BY time LIMIT 120");
      const table = visit.by('sql-result');
      await table.getByRole('columnheader', { name: 'time UTC' }).waitFor();
      await page.getByText('1–50 of 120').waitFor();
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByText('51–100 of 120').waitFor();
      await visit.look('sql');
      await page.getByRole('button', { name: 'Download' }).click();
      const csv = await saved(visit, () => page.getByRole('menuitem', { name: 'CSV' }).click());
      assert.match(csv.name, /^query-.*\.csv$/);
      assert.equal(csv.text.trim().split('\n').length, 121);
      await page.getByRole('button', { name: 'Download' }).click();
      const parquet = await saved(visit, () =>
        page.getByRole('menuitem', { name: 'Parquet' }).click(),
      );
      assert.ok(parquet.text.startsWith('PAR1') && parquet.name.endsWith('.parquet'));

      await run('SELECT device_id,\n  avg(powr)\nFROM telemetry GROUP BY ALL');
      const error = visit.by('sql-error');
      await error.getByText('Referenced column "powr" not found').waitFor();
      await visit.look('sql-error');
      await error.getByRole('button', { name: 'Go to line 2, column 7' }).click();
      assert.equal(await editor.evaluate((input) => input.selectionStart), 24);

      await run('SELECT count(*) FROM telemetry a, telemetry b, telemetry c');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('The query was stopped').waitFor();
      // Only what ran is in the history, over a reload too.
      await page.reload();
      await page.getByRole('button', { name: 'History' }).click();
      const entries = page.getByRole('menuitem');
      assert.equal(await entries.count(), 2, 'one statement, and the way to clear');
      await entries.first().click();
      assert.match(await editor.inputValue(), /LIMIT 120$/);
    },
  );

  it('profiles are edited by keyboard alone', () =>
    visiting({}, async (visit) => {
      visit.ignore(/400 .*dry_run=true\)$/);
      await visit.login(platform.admin);
      await visit.go('/profiles');
      const { keyboard } = visit.page;
      await visit.page.getByRole('button', { name: 'New profile' }).focus();
      await keyboard.press('Enter');
      await visit.page.getByRole('dialog').waitFor();
      for (const text of ['fan', 'speed', 'rpm', '0', '3000']) {
        await keyboard.type(text);
        await keyboard.press('Tab');
      }
      await visit.by('profile-impact').waitFor();
      await keyboard.press('Enter');
      await visit.by('profile-card').filter({ hasText: 'fan' }).waitFor();
      await api.call('DELETE', '/api/profiles/fan');
    }));

  it('an MQTT client is opened and SQL is run by keyboard alone', () =>
    visiting({}, async (visit) => {
      visit.ignore(/404 .*\/trace\)$/);
      await visit.login(platform.admin);
      await visit.go('/mqtt');
      const { keyboard } = visit.page;
      await visit.by('mqtt-client').first().getByRole('button').focus();
      await keyboard.press('Enter');
      await visit.page.getByRole('dialog').getByText('Subscriptions').waitFor();
      await keyboard.press('Escape');
      await visit.page.getByRole('dialog').waitFor({ state: 'detached' });

      await visit.go('/sql');
      await visit.page.getByLabel('SQL statement').focus();
      await keyboard.press('Control+A');
      await keyboard.type('SELECT 6 * 7 AS answer');
      // The editor does not keep the focus from moving on.
      await keyboard.press('Tab');
      await keyboard.press('Enter');
      await visit.by('sql-result').getByRole('cell', { name: '42' }).waitFor();
    }));
});
