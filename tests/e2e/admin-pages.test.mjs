// The pages of those who answer for the platform: import and export of devices, audit log, system, and the description
// of the API.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { Platform } from './platform.mjs';

const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];

describe('the pages of an admin', { timeout: 240_000 }, () => {
  let platform;
  let browser;
  let api;

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
    await api.call('PUT', '/api/devices/D2', { body: { location: 'Plant-B' } });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  /** The same on every size. */
  function everywhere(what, task) {
    for (const [theme, width, height] of kSizes) {
      it(`${what}, ${theme}, ${width} x ${height}`, () =>
        visitingPage(browser, platform.url, { theme, width, height }, async (visit) => {
          await visit.login(platform.admin);
          await task(visit);
        }));
    }
  }

  everywhere('devices are imported from a file after a look at it, and exported', async (visit) => {
    const { page, theme, width } = visit;
    const id = `I-${theme}-${width}`;
    await visit.go('/devices');
    await page.getByRole('button', { name: 'Import' }).click();
    await visit.look('import');
    const table = `id,name,type,metadata.hall\n${id},Lamp ${id},bulb,3\nD2,Workshop Lamp,bulb,3\n`;
    const file = {
      name: 'plant.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(table),
    };
    await page.getByLabel('File', { exact: true }).setInputFiles(file);
    await page.getByText('is a registered device').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Import 1 device' }).isDisabled());
    await visit.look('import-check');
    await page.getByLabel('A device that is registered already').click();
    await page.getByRole('option', { name: 'stays as it is' }).click();
    await page.getByText('1 device to add, 1 device to leave alone.').waitFor();
    await page.getByRole('button', { name: 'Import 1 device' }).click();
    await page.getByText('1 device added, 1 device left alone.').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    const made = (await api.call('GET', `/api/devices/${id}`)).data;
    assert.deepEqual([made.name, made.metadata], [`Lamp ${id}`, { hall: 3 }]);

    await page.getByLabel('Search name or id').fill(id);
    await page.getByRole('link', { name: `Lamp ${id}` }).waitFor();
    await page.getByText('1 matching').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export 1 device as CSV' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.match(download.suggestedFilename(), /^devices-.*\.csv$/);
    assert.equal(lines.length, 2);
    assert.ok(lines[1].startsWith(`${id},Lamp ${id},bulb`));
  });

  everywhere('the audit log shows who changed what, and is verified', async (visit) => {
    const { page } = visit;
    await visit.go('/audit');
    await page.getByLabel('Search person, action, resource').fill('D2');
    await page
      .getByRole('button', { name: /device update/ })
      .first()
      .click();
    const row = page.getByRole('row', { name: /location/ });
    await row.waitFor();
    assert.match(await row.innerText(), /Plant-A[^]*Plant-B/);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('The log is whole').waitFor();
    await visit.look('audit');
  });

  everywhere('the system page has figures, checks and settings', async (visit) => {
    const { page } = visit;
    await visit.go('/system');
    await page.getByText('Free on disk').waitFor();
    await page.getByText('worker_threads').waitFor();
    await visit.look('system');
  });

  everywhere('the API is described and can be tried', async (visit) => {
    const { page } = visit;
    await page.goto('/api/docs'); // the server's path, and a page of the app
    await page.getByRole('button', { name: 'GET /api/devices/{id}', exact: true }).click();
    await page.getByRole('textbox', { name: 'id' }).fill('D2');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByLabel('Answer').waitFor();
    assert.equal(JSON.parse(await page.getByLabel('Answer').innerText()).data.location, 'Plant-B');
    await visit.look('api-docs');
  });
});
