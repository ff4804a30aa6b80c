// Login by an OpenID provider, against a real one that these tests run.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchBrowser, visiting } from './browser.mjs';
import { OidcProvider, Visitor } from './oidc-provider.mjs';
import { Contract } from './openapi.mjs';
import { Client, Platform, until } from './platform.mjs';

const kSizes = [
  ['light', 1440, 900],
  ['dark', 1440, 900],
  ['light', 360, 800],
  ['dark', 360, 800],
];

describe('login by an OpenID provider', { timeout: 300_000 }, () => {
  const contract = new Contract();
  let platform;
  let provider;
  let admin;

  const settings = (client) => ({
    ENERGY_AUTH__OIDC__ISSUER: provider.issuer,
    ENERGY_AUTH__OIDC__CLIENT_ID: client.client_id,
    ENERGY_AUTH__OIDC__CLIENT_SECRET: client.client_secret ?? '',
    ENERGY_AUTH__OIDC__PUBLIC_URL: platform.url,
    ENERGY_AUTH__OIDC__SCOPES: 'openid,email,profile,groups',
    ENERGY_AUTH__OIDC__ROLE_CLAIM: 'groups',
    ENERGY_AUTH__OIDC__ROLES: 'energy-admins=admin,energy-operators=engineer,staff=viewer',
    ENERGY_AUTH__OIDC__LABEL: 'Example Corp',
  });

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: { ENERGY_AUTH__BCRYPT_COST: '4' },
    });
    provider = await OidcProvider.start(`${platform.url}/api/auth/oidc/callback`);
    await platform.relaunch(settings(provider.clients[0]));
    admin = await platform.login();
  });
  after(async () => {
    await platform?.close();
    await provider?.close();
  });

  const person = (name, groups, email = `${name}@example.com`) =>
    provider.people.set(name, { email, email_verified: true, name: `Person ${name}`, groups });

  /** A step of the browser that must lead on, by the document. Returns where. */
  const step = async (visitor, operationId, url) => {
    const answer = await visitor.send(url);
    contract.check(contract.operation(operationId), answer);
    assert.equal(answer.status, 303, answer.text);
    return answer.headers.get('location');
  };
  const toCallback = (visitor, name, choice) =>
    visitor.toCallback(`${platform.url}/api/auth/oidc/login`, name, choice);
  const openSession = async (visitor, code, status = 200) => {
    const answer = await visitor.send(`${platform.url}/api/auth/oidc/session`, {
      method: 'POST',
      body: JSON.stringify({ code }),
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(answer.status, status, answer.text);
    return contract.check(contract.operation('openOidcSession'), answer).data;
  };
  const finish = async (visitor, name, choice) =>
    step(visitor, 'finishOidcLogin', await toCallback(visitor, name, choice));
  const codeOf = (location) => {
    const [, code] = /^\/login#sso=([\w-]{43})$/.exec(location) ?? [];
    assert.ok(code, location);
    return code;
  };
  const signIn = async (name) => {
    const visitor = new Visitor();
    return openSession(visitor, codeOf(await finish(visitor, name)));
  };
  const refusal = async (name) => finish(new Visitor(), name);

  it('offers the provider, and hides its secret', async () => {
    const { data } = await new Client(platform.url).call('GET', '/api/auth/oidc');
    assert.deepEqual(data, { enabled: true, label: 'Example Corp' });
    const shown = (await admin.send('GET', '/api/system/settings')).text;
    assert.ok(shown.includes(provider.clients[0].client_id));
    assert.ok(!shown.includes(provider.clients[0].client_secret));
  });

  it('opens a session with the role of a group, which is that of now', async () => {
    person('eve', ['other', 'energy-operators', 'staff']);
    const visitor = new Visitor();
    const away = await step(visitor, 'beginOidcLogin', `${platform.url}/api/auth/oidc/login`);
    assert.ok(away.startsWith(`${provider.issuer}/auth?`), away);
    const session = await openSession(visitor, codeOf(await finish(visitor, 'eve')));
    const { id, email, full_name: fullName, role } = session.user;
    assert.deepEqual(
      { email, fullName, role },
      { email: 'eve@example.com', fullName: 'Person eve', role: 'engineer' },
    );
    const eve = new Client(platform.url);
    eve.token = session.token;
    assert.equal((await eve.call('GET', '/api/auth/me')).data.id, id);
    assert.equal((await eve.send('GET', '/api/users')).status, 403);
    // The cookie keeps the session as after any login.
    const renewed = await visitor.send(`${platform.url}/api/auth/refresh`, { method: 'POST' });
    assert.equal(renewed.status, 200, renewed.text);

    person('eve', ['energy-admins'], 'eve.married@example.com');
    const again = await signIn('eve');
    assert.deepEqual([again.user.id, again.user.role], [id, 'admin']);
    const { data } = await admin.call('GET', '/api/audit', { query: { resource_id: id } });
    const actions = data.entries.map(({ action }) => action);
    for (const action of ['user.create', 'user.link', 'user.update']) {
      assert.ok(actions.includes(action), JSON.stringify(actions));
    }
    const logins = await admin.call('GET', '/api/audit', { query: { action: 'auth.login' } });
    assert.ok(logins.data.entries.some(({ actor }) => actor === 'eve@example.com'));
  });

  it('refuses whom no rule names, and whom an admin has deactivated', async () => {
    person('guest', ['visitors']);
    assert.equal(await refusal('guest'), '/login#sso_error=refused');
    person('tom', ['staff']);
    const { user } = await signIn('tom');
    await admin.call('PUT', `/api/users/${user.id}`, { body: { is_active: false } });
    assert.equal(await refusal('tom'), '/login#sso_error=refused');
  });

  it('takes over no account by its email', async () => {
    const body = {
      email: 'ann@example.com',
      full_name: 'Ann',
      role: 'admin',
      password: 'correct horse battery',
    };
    await admin.call('POST', '/api/auth/register', { body });
    person('mallory', ['staff'], 'ann@example.com');
    assert.equal(await refusal('mallory'), '/login#sso_error=email_taken');
  });

  it('takes an answer once, in the browser that asked for it', async () => {
    person('rob', ['staff']);
    const visitor = new Visitor();
    const callback = await toCallback(visitor, 'rob');
    const expired = '/login#sso_error=expired';
    const wrong = new URL(callback);
    wrong.searchParams.set('state', 'x'.repeat(43));
    assert.equal(await step(visitor, 'finishOidcLogin', wrong.href), expired, 'a wrong state');
    const code = codeOf(await step(visitor, 'finishOidcLogin', callback));
    assert.equal(await step(visitor, 'finishOidcLogin', callback), expired, 'a replay');
    await openSession(new Visitor(), code, 401);
    await openSession(visitor, code, 401); // the attempt from elsewhere has spent it

    const theirs = await toCallback(new Visitor(), 'rob');
    assert.equal(await step(new Visitor(), 'finishOidcLogin', theirs), expired, 'no cookie');
    const again = new Visitor();
    const good = codeOf(await finish(again, 'rob'));
    await openSession(again, good);
    await openSession(again, good, 401);
  });

  it('does not believe a code that the provider did not give', async () => {
    person('rob', ['staff']);
    const visitor = new Visitor();
    const callback = new URL(await toCallback(visitor, 'rob'));
    callback.searchParams.set('code', 'invented');
    assert.equal(await step(visitor, 'finishOidcLogin', callback.href), '/login#sso_error=invalid');
  });

  it('says that the person gave up', async () => {
    assert.equal(await finish(new Visitor(), 'rob', 'cancel'), '/login#sso_error=cancelled');
  });

  describe('in the page', () => {
    let browser;
    before(async () => {
      browser = await launchBrowser();
    });
    after(() => browser?.close());

    for (const [theme, width, height] of kSizes) {
      it(`a person signs in, ${theme} ${width}`, () =>
        visiting(browser, platform.url, { theme, width, height }, async (visit) => {
          const { page } = visit;
          person('kim', ['staff']);
          await page.goto('/devices');
          await page.getByRole('link', { name: 'Sign in with Example Corp' }).waitFor();
          await visit.look('login-provider');
          await page.getByRole('link', { name: 'Sign in with Example Corp' }).press('Enter');
          await page.getByRole('button', { name: 'Cancel' }).click();
          await page.getByText('The sign-in was cancelled.').waitFor();
          await visit.look('login-cancelled');
          await page.getByRole('link', { name: 'Sign in with Example Corp' }).click();
          await page.getByLabel('Name').fill('kim');
          await page.getByRole('button', { name: 'Sign in' }).click();
          await visit.by('live-state').waitFor();
          await page.waitForURL((url) => url.pathname === '/devices' && url.hash === '');
          const kept = await page.evaluate(() => sessionStorage.getItem('energy-login-next'));
          assert.equal(kept, null, 'the next login goes its own way');
          // A load of the page keeps the session.
          await page.reload();
          await visit.by('live-state').waitFor();
        }));
    }
  });

  it('counts who was refused in the audit log, and leaves who gave up out', async () => {
    const counts = async () => {
      const { data } = await admin.call('GET', '/api/audit', {
        query: { action: 'auth.login_failed' },
      });
      return data.entries.reduce((sum, entry) => sum + entry.after.refused_single_sign_on, 0);
    };
    await platform.relaunch({}); // its end writes what waited for the minute
    admin = await platform.login();
    const earlier = await counts();
    assert.ok(earlier > 0);
    person('guest', ['visitors']);
    assert.equal(await refusal('guest'), '/login#sso_error=refused');
    assert.equal(await finish(new Visitor(), 'guest', 'cancel'), '/login#sso_error=cancelled');
    await platform.relaunch({});
    admin = await platform.login();
    assert.equal(await counts(), earlier + 1);
  });

  it('sends browsers back only to where the provider knows the platform', async () => {
    const elsewhere = { ENERGY_AUTH__OIDC__PUBLIC_URL: 'https://elsewhere.example' };
    await platform.relaunch({ ...settings(provider.clients[0]), ...elsewhere });
    const visitor = new Visitor();
    await assert.rejects(
      visitor.toCallback(`${platform.url}/api/auth/oidc/login`, 'rob'),
      /400 .*redirect_uri/s,
    );
    await platform.relaunch(settings(provider.clients[0]));
  });

  it('a provider that is away stops nothing else', async () => {
    await provider.close();
    // A public client, and tokens by the other algorithm.
    await platform.relaunch(settings(provider.clients[1]));
    const location = await step(
      new Visitor(),
      'beginOidcLogin',
      `${platform.url}/api/auth/oidc/login`,
    );
    assert.equal(location, '/login#sso_error=unavailable');
    assert.ok((await platform.login()).token);
    await provider.open();
    person('eve', ['energy-operators'], 'eve.married@example.com');
    const session = await until('the provider is asked again', () => signIn('eve'), 30_000);
    assert.equal(session.user.role, 'engineer');
  });
});
