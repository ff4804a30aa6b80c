// Accounts, API keys, the own password and the second factor, as people use them in the page.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting as visitingPage } from './browser.mjs';
import { totp } from './contract-accepted.mjs';
import { Client, Platform } from './platform.mjs';

const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];
const kFirst = 'correct horse battery';
const kSecond = 'another horse battery';

describe('accounts in the page', { timeout: 420_000 }, () => {
  let platform;
  let browser;
  let api;

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: { ENERGY_AUTH__BCRYPT_COST: '4' },
    });
    api = await platform.login();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await platform?.close();
  });

  const visiting = (options, task) => visitingPage(browser, platform.url, options, task);
  const register = async (email, role = 'viewer') => {
    const body = { email, full_name: `Person ${email}`, role, password: kFirst };
    return (await api.call('POST', '/api/auth/register', { body })).data;
  };
  const toAccount = async (page) => {
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
  };
  /** A 401 or 400 that the page asked for and shows. */
  const refusals = /40[0139] .*\/api\/(auth|users|api-keys)/;

  for (const [theme, width, height] of kSizes) {
    const unique = `${theme}${width}`;
    const size = { theme, width, height };

    it(`an admin keeps users, ${unique}`, () =>
      visiting(size, async (visit) => {
        const { page } = visit;
        visit.ignore(refusals);
        await visit.login(platform.admin);
        await visit.go('/users');
        const row = (text) => visit.by('user-row').filter({ hasText: text });
        await row(platform.admin.email).waitFor();
        await visit.look('users');

        const email = `eve-${unique}@example.org`;
        await page.getByRole('button', { name: 'New user' }).click();
        await page.getByLabel('Name').fill(`Eve ${unique}`);
        await page.getByLabel('Email').fill(email);
        await page.getByLabel('First password').fill('password');
        await page.getByRole('button', { name: 'Add user' }).click();
        await page.getByText('is among the first that are tried').waitFor();
        await visit.look('user-refused');
        await page.getByLabel('First password').fill(kFirst);
        await page.getByRole('button', { name: 'Add user' }).click();
        await row(email).waitFor();

        const choose = async (text, action) => {
          await row(text).getByRole('button', { name: 'Actions for' }).click();
          await page.getByRole('menuitem', { name: action }).click();
        };
        await choose(email, 'Deactivate');
        await page.getByRole('button', { name: 'Deactivate' }).click();
        await row(email).getByText('Inactive').waitFor();
        await choose(platform.admin.email, 'Deactivate');
        await page.getByRole('button', { name: 'Deactivate' }).click();
        await page.getByText('this is the last active admin').waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();

        await page.getByRole('searchbox', { name: 'Search users' }).fill('nobody at all');
        await page.getByText('No user matches').waitFor();
      }));

    it(`an admin gives a key to a machine, ${unique}`, () =>
      visiting(size, async (visit) => {
        const { page } = visit;
        await visit.login(platform.admin);
        await visit.go('/users');
        await page.getByRole('tab', { name: 'API keys' }).click();
        if (unique === 'light1440') {
          await page.getByText('No API keys yet').waitFor();
          await visit.look('api-keys-empty');
        }
        await page.getByRole('button', { name: 'New key' }).click();
        await page.getByLabel('Name').fill(`grafana ${unique}`);
        await page.getByRole('button', { name: 'Make key' }).click();
        const secret = await page.getByRole('textbox', { name: 'API key' }).inputValue();
        await visit.look('api-key');
        await page.getByRole('button', { name: 'I have kept it' }).click();
        const machine = new Client(platform.url);
        machine.token = secret;
        await machine.call('GET', '/api/devices');
        await visit.by('api-key-row').filter({ hasText: unique }).waitFor();
        await visit.look('api-keys');
        await page.getByRole('button', { name: `Revoke grafana ${unique}` }).click();
        await page.getByRole('button', { name: 'Revoke key' }).click();
        await visit.by('api-key-row').filter({ hasText: unique }).waitFor({ state: 'detached' });
        assert.equal((await machine.send('GET', '/api/devices')).status, 401);
      }));

    it(`a user changes the password and sets up the second factor, ${unique}`, async () => {
      const user = await register(`tom-${unique}@example.org`);
      await visiting(size, async (visit) => {
        const { page } = visit;
        visit.ignore(refusals);
        await visit.login({ email: user.email, password: kFirst });
        await toAccount(page);
        await page.getByText('Second factor').waitFor();
        await visit.look('account');
        await page.getByLabel('Present password').fill('wrong');
        await page.getByLabel('New password', { exact: true }).fill(kSecond);
        await page.getByLabel('New password again').fill(kSecond);
        await page.getByRole('button', { name: 'Change password' }).click();
        await page.getByText('is wrong').waitFor();
        await page.getByLabel('Present password').fill(kFirst);
        await page.getByRole('button', { name: 'Change password' }).click();
        await page.getByText('Your password is changed').waitFor();

        await page.getByLabel('Your password').fill(kSecond);
        await page.getByRole('button', { name: 'Set up' }).click();
        await page.getByRole('img', { name: 'QR code' }).waitFor();
        await visit.look('second-factor');
        const secret = await page.getByLabel('Key', { exact: true }).inputValue();
        await page.getByLabel('Code', { exact: true }).fill(totp(secret));
        await page.getByRole('button', { name: 'Turn on' }).click();
        await visit.by('recovery-codes').waitFor();
        const codes = await visit.by('recovery-codes').locator('li').allTextContents();
        assert.equal(codes.length, 10);
        await visit.look('recovery-codes');
        await page.getByRole('button', { name: 'I have kept them' }).click();
        await page.getByText('10 recovery codes left').waitFor();

        await visit.context.clearCookies();
        await page.evaluate(() => localStorage.clear());
        await page.goto('/login');
        await visit.by('login-email').fill(user.email);
        await visit.by('login-password').fill(kSecond);
        await visit.by('login-submit').click();
        await visit.by('login-code').fill('000000');
        await page.keyboard.press('Enter');
        await page.getByText('the code is wrong', { exact: false }).waitFor();
        await visit.look('login-code');
        await visit.by('login-code').fill(codes[0]);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
        await toAccount(page);
        await page.getByText('9 recovery codes left').waitFor();
        await page.getByLabel('Your password').fill(kSecond);
        await page.getByRole('button', { name: 'Turn off' }).click();
        await page.getByRole('button', { name: 'Set up' }).waitFor();
      });
    });
  }

  it('whoever is no admin finds no users page in the menu', () =>
    visiting({}, async (visit) => {
      const user = await register('ann@example.org', 'engineer');
      await visit.login({ email: user.email, password: kFirst });
      await visit.page.getByRole('link', { name: 'MQTT' }).waitFor();
      assert.equal(await visit.page.getByRole('link', { name: 'Users' }).count(), 0);
    }));
});
