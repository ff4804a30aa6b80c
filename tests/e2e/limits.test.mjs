// A person with the page open lives within the limits that the program has by default, also who looks through all of
// it within a minute.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { launchBrowser, visiting } from './browser.mjs';
import { Platform } from './platform.mjs';

const kPages = ['/', '/devices', '/devices/D1', '/alerts', '/rules', '/dead-letters', '/profiles', '/mqtt'];
const kStayMs = 6_000;

describe('the page and the limits of requests', { timeout: 180_000 }, () => {
  let platform;
  let browser;

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: { ENERGY_LIMITS__ENABLED: 'true', ENERGY_AUTH__BCRYPT_COST: '4' },
    });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  it('looking through all pages within a minute meets none', () =>
    visiting(browser, platform.url, {}, async (visit) => {
      const asked = new Map(); // the limit -> the fewest places left
      const refused = [];
      visit.page.on('response', (response) => {
        const headers = response.headers();
        if (response.status() === 429) refused.push(response.url());
        const limit = headers['ratelimit-limit'];
        if (!limit) return;
        const remaining = Number(headers['ratelimit-remaining']);
        asked.set(limit, Math.min(asked.get(limit) ?? Infinity, remaining));
      });
      await visit.login(platform.admin);
      for (const path of kPages) {
        await visit.page.goto(path); // a load each: the session is renewed, too
        await visit.settle();
        await delay(kStayMs);
      }
      assert.deepEqual(refused, []);
      console.log('places left:', Object.fromEntries(asked));
      for (const limit of ['20', '100', '200']) assert.ok(asked.get(limit) > Number(limit) / 10, limit);
    }));
});
