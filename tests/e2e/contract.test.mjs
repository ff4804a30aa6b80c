// Holds the running program against docs/api/openapi.yaml, in both directions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { Contract, loadDocument } from './openapi.mjs';
import { bulbReading, Platform, until } from './platform.mjs';
import { barelyRightBodies, listedTexts, wrongBodies, wrongTexts } from './values.mjs';
import { Api, World } from './world.mjs';

// Documented answers that these tests cannot bring about, and why.
const kUnseen = {
  403: 'the API creates no user of another role than admin',
  503: 'nothing that the program needs is down',
};
const kUnseenOf = { refreshSession: { 429: 'logins are limited, renewals are not' } };

const contract = new Contract();
const queries = (operation) => operation.parameters.filter(({ in: place }) => place === 'query');
const hasPathId = ({ path }) => path.includes('{');

describe('the running program keeps docs/api/openapi.yaml', { timeout: 120_000 }, () => {
  let platform;
  let api;
  let world;

  before(async () => {
    platform = await Platform.start({
      args: ['--faults', '0'],
      env: { ENERGY_AUTH__BCRYPT_COST: '4' },
    });
    api = new Api(await platform.login(), contract);
    world = new World(platform, api);
    await world.create();
  });
  after(() => platform?.close());

  it('serves the document itself', async () => {
    assert.deepEqual(await api.call('getOpenApi', 200, { token: null }), loadDocument());
  });

  it('opens, renews and ends sessions', async () => {
    const operation = contract.operation('login');
    const answer = await api.send(operation, { body: platform.admin });
    const { data: first } = contract.check(operation, answer);
    const cookie = answer.headers.get('set-cookie');
    for (const part of ['energy_refresh=', 'HttpOnly', 'SameSite=Strict', 'Path=/api/auth']) {
      assert.ok(cookie.includes(part), `the cookie has no ${part}: ${cookie}`);
    }
    const byBody = { token: null, body: { refresh_token: first.refresh_token } };
    const second = await api.data('refreshSession', byBody);
    const headers = { Cookie: `energy_refresh=${second.refresh_token}` };
    const third = await api.data('refreshSession', { token: null, headers });
    const user = await api.data('getCurrentUser', { token: third.token });
    assert.equal(user.email, platform.admin.email);

    await api.call('refreshSession', 401, byBody);
    await api.call('refreshSession', 401, { token: null, headers: { Cookie: '' } });
    const body = { refresh_token: third.refresh_token };
    await api.call('refreshSession', 401, { token: null, body });

    const { token } = await api.data('login', { body: platform.admin });
    await api.data('logout', { token });
    await api.call('getCurrentUser', 401, { token });
  });

  it('limits logins', async () => {
    const body = { email: 'nobody@example.com', password: 'wrong' };
    const operation = contract.operation('login');
    await api.call('login', 401, { body });
    const limited = await until('logins are limited', async () => {
      const response = await api.send(operation, { body });
      contract.check(operation, response);
      return response.status === 429 && response;
    });
    for (const name of Object.keys(contract.document.components.responses.RateLimited.headers)) {
      assert.match(limited.headers.get(name) ?? '', /^\d+$/, name);
    }
  });

  it('registers, changes and removes devices', async () => {
    const { devices, total } = await api.data('listDevices');
    assert.equal(devices.length, total);
    assert.ok(devices.some(({ id }) => id === 'D1'));

    const { example } = contract.operation('createDevice').body;
    const created = await api.data('createDevice', { body: { ...example, type: 'bulb' } }, 201);
    await api.call('createDevice', 409, { body: { ...example, type: 'bulb' } });
    const id = created.id;
    assert.deepEqual(await api.data('getDevice', { id }), created);
    const body = { location: null, status: 'maintenance', version: created.version };
    const changed = await api.data('updateDevice', { id, body });
    assert.equal(changed.location, null);
    assert.ok(changed.version > created.version);
    await api.call('updateDevice', 409, { id, body });
    await api.data('createDeviceCredentials', { id }, 201);
    await api.data('deleteDevice', { id });
    await api.call('getDevice', 404, { id });
    assert.equal((await api.data('getDeviceStatus', { id: 'D1' })).online, true);
    assert.equal((await api.data('getDeviceStatus', { id: world.deviceId })).latest, null);
  });

  it('tells profiles', async () => {
    const { profiles } = await api.data('listProfiles');
    assert.ok(profiles.length > 0);
    assert.deepEqual(await api.data('getProfile', { id: profiles[0].type }), profiles[0]);
  });

  it('tells readings, stored and live', async () => {
    const query = { fields: 'power,temperature', max_points: 50 };
    const thinned = await api.data('queryTelemetry', { id: 'D1', query });
    assert.deepEqual(thinned.fields.toSorted?.() ?? [...thinned.fields].sort(), [
      'power',
      'temperature',
    ]);
    assert.ok(thinned.downsampled && thinned.data.length > 10);
    assert.ok((await api.data('getIngest')).accepted_total > 0);

    const operation = contract.operation('streamTelemetry');
    const path = operation.path.replace('{id}', world.deviceId);
    const socket = new WebSocket(platform.url.replace('http', 'ws') + path, [
      'bearer',
      api.client.token,
    ]);
    const received = [];
    socket.on('message', (data) => received.push(JSON.parse(data)));
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    assert.equal(socket.protocol, 'bearer');
    contract.seen.get(operation.id).add(101);
    const reading = bulbReading(world.deviceId, Date.now());
    await platform.publish(world.credentials, [reading]);
    await until('the reading arrives', () => received.length > 0);
    socket.terminate();
    for (const message of received) contract.holdSchema('LiveMessage', message);
    assert.deepEqual(received[0], reading);
    assert.deepEqual((await api.data('queryTelemetry', { id: world.deviceId })).data, [reading]);
  });

  it('refuses a live connection as documented', async () => {
    const operation = contract.operation('streamTelemetry');
    const refused = (id, token) =>
      new Promise((done, fail) => {
        const url = platform.url.replace('http', 'ws') + operation.path.replace('{id}', id);
        const socket = new WebSocket(url, ['bearer', token]);
        socket.once('open', () => fail(new Error('was let in')));
        socket.once('unexpected-response', (request, response) => {
          let text = '';
          response.on('data', (data) => (text += data));
          response.on('end', () => {
            const headers = new Headers({ 'content-type': response.headers['content-type'] });
            done({ status: response.statusCode, headers, text, request: `WebSocket ${url}` });
            request.destroy();
          });
        });
      });
    for (const [id, token, status] of [
      ['D1', 'no.such.token', 401],
      ['no-such-device', api.client.token, 404],
    ]) {
      const response = await refused(id, token);
      assert.equal(response.status, status);
      contract.check(operation, response);
    }
  });

  it('keeps what could not become a reading', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00]);
    const impossible = { ...bulbReading(world.deviceId, Date.now()), voltage: 1e6 };
    await platform.publish(world.credentials, ['{"oops"', bytes, impossible]);
    const list = await until('three dead letters', async () => {
      const found = await api.data('listDeadLetters', { query: { device_id: world.deviceId } });
      return found.total >= 3 && found;
    });
    const exact = list.dead_letters.find(({ payload_base64: base64 }) => base64);
    assert.deepEqual(Buffer.from(exact.payload_base64, 'base64'), bytes);
  });

  it('keeps rules', async () => {
    const { example } = contract.operation('createRule').body;
    const created = await api.data('createRule', { body: example }, 201);
    const id = created.id;
    assert.deepEqual(await api.data('getRule', { id }), created);
    const body = { threshold: 55, clear_threshold: 52, description: null, version: created.version };
    assert.equal((await api.data('updateRule', { id, body })).threshold, 55);
    await api.call('updateRule', 409, { id, body });
    const status = 'paused';
    assert.equal((await api.data('setRuleStatus', { id, body: { status } })).status, status);
    const { rules } = await api.data('listRules', { query: { device_id: 'D1', status } });
    assert.deepEqual(
      rules.map((rule) => rule.id),
      [id],
    );
    await api.data('deleteRule', { id });
    await api.call('getRule', 404, { id });
  });

  it('raises and closes alerts', async () => {
    const alert = await world.alert();
    world.alertId = alert.id;
    assert.equal(alert.rule_id, world.rule.id);
    assert.ok((await api.data('getAlertSummary')).open >= 1);
    const body = { comment: 'Fan ordered.' };
    const taken = await api.data('acknowledgeAlert', { id: alert.id, body });
    assert.equal(taken.status, 'acknowledged');
    assert.equal(taken.comment, body.comment);
    const closed = await api.data('resolveAlert', { id: alert.id });
    assert.equal(closed.status, 'resolved');
    assert.deepEqual(await api.data('getAlert', { id: alert.id }), closed);
    await api.call('acknowledgeAlert', 409, { id: alert.id });
    await api.call('resolveAlert', 409, { id: alert.id });
  });

  it('tells its state', async () => {
    assert.ok((await api.data('getSystem')).checks.length > 0);
    for (const id of ['getHealth', 'getReadiness']) await api.call(id, 200, { token: null });
    const metrics = await api.call('getMetrics', 200, { token: null });
    for (const line of metrics.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? \S+)$/);
    }
  });

  it('answers 401 without a valid token', async () => {
    for (const operation of contract.operations.filter(({ secured }) => secured)) {
      if (operation.id === 'streamTelemetry') continue;
      const id = world.idFor(operation);
      for (const headers of [
        {},
        { Authorization: 'Bearer a.b.c' },
        { Authorization: `Basic ${api.client.token}` },
        { Authorization: `Bearer ${api.client.token.slice(0, -4)}AAAA` },
      ]) {
        const options = { id, token: null, headers };
        await api.call(operation.id, 401, options);
      }
    }
  });

  it('answers 404 to an unknown id', async () => {
    for (const operation of contract.operations.filter(hasPathId)) {
      if (operation.id === 'streamTelemetry') continue;
      const id = world.idFor(operation, false);
      await api.call(operation.id, 404, { id, body: world.bodyFor(operation) });
    }
    const nowhere = await api.client.send('GET', '/api/no-such-thing');
    assert.equal(nowhere.status, 404);
    contract.holdSchema('ErrorEnvelope', JSON.parse(nowhere.text));
  });

  it('answers 400 to an unknown query parameter', async () => {
    for (const operation of contract.operations.filter((o) => queries(o).length > 0)) {
      const options = { id: world.idFor(operation), query: { no_such_parameter: '1' } };
      const { error } = await api.call(operation.id, 400, options);
      assert.ok(error.details?.no_such_parameter, `${operation.id}: ${JSON.stringify(error)}`);
    }
  });

  it('takes each listed value of a query parameter and refuses others', async () => {
    const failures = [];
    for (const operation of contract.operations) {
      for (const { name, schema } of queries(operation)) {
        const id = world.idFor(operation);
        const attempt = async (value, status) => {
          try {
            const answer = await api.call(operation.id, status, { id, query: { [name]: value } });
            if (status === 400) assert.ok(answer.error.details?.[name], `${name}: no details`);
          } catch (error) {
            failures.push(`${name}=${value.slice(0, 60)}: ${error.message.slice(0, 400)}`);
          }
        };
        for (const value of listedTexts(schema, contract)) await attempt(value, 200);
        for (const value of wrongTexts(schema, contract)) await attempt(value, 400);
      }
    }
    assert.deepEqual(failures, []);
  });

  it('refuses bodies that the document does not admit, naming the field', async () => {
    const failures = [];
    for (const operation of contract.operations.filter(({ body }) => body)) {
      const good = world.bodyFor(operation);
      const id = world.idFor(operation);
      const admits = contract.validator(operation.body.at);
      for (const { field, body } of wrongBodies(operation, good, contract)) {
        if (admits(body)) continue;
        try {
          const response = await api.send(operation, { id, body });
          const { error } = contract.check(operation, response);
          // A value of the right type may also be refused for what it means: a wrong password.
          assert.ok([400, 401, 409].includes(response.status), `accepted: ${response.text}`);
          const named = response.status !== 400 || error.details?.[field];
          assert.ok(named, `no details of ${field}: ${response.text}`);
        } catch (error) {
          failures.push(`${operation.id} ${field}: ${error.message.slice(0, 400)}`);
        }
      }
      for (const raw of ['{', '[]', '"x"', 'null', '{"a":1,"a":2}', '{} {}', '\u0000']) {
        await api.call(operation.id, 400, { id, raw }).catch((error) => {
          failures.push(`${operation.id} with ${raw}: ${error.message.slice(0, 400)}`);
        });
      }
    }
    assert.deepEqual(failures, []);
  });

  it('takes bodies at the limits of what the document admits', async () => {
    const failures = [];
    for (const operation of contract.operations.filter(({ body }) => body)) {
      const id = world.idFor(operation);
      const good = world.bodyFor(operation);
      for (const { field, body } of barelyRightBodies(operation, good, contract)) {
        const response = await api.send(operation, { id, body });
        contract.check(operation, response);
        if (response.status === 400) failures.push(`${operation.id} ${field}: ${response.text}`);
      }
    }
    assert.deepEqual(failures, []);
  });

  it('answers 405 to other methods', async () => {
    for (const path of Object.keys(contract.document.paths)) {
      const known = contract.operations.filter((operation) => operation.path === path);
      const allowed = known.map(({ method }) => method);
      const at = path.replace(/\{\w+\}/, world.idFor(known[0]));
      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']) {
        if (allowed.includes(method)) continue;
        const response = await api.client.send(method, at);
        assert.equal(response.status, 405, `${response.request}: ${response.text}`);
        contract.holdSchema('ErrorEnvelope', JSON.parse(response.text), response.request);
        assert.equal(JSON.parse(response.text).error.code, 'METHOD_NOT_ALLOWED');
        const allow = response.headers.get('allow') ?? '';
        for (const name of allowed) assert.ok(allow.includes(name), `${path} allows '${allow}'`);
      }
    }
  });

  it('answers 413 to a body that is too large', async () => {
    const raw = JSON.stringify({ name: 'x'.repeat(3 << 20) });
    for (const operation of contract.operations.filter((o) => o.statuses.includes('413'))) {
      await api.call(operation.id, 413, { id: world.idFor(operation), raw });
    }
  });

  it('gave every documented answer', () => {
    const missing = contract.operations.flatMap(({ id, statuses }) =>
      statuses
        .filter((status) => status !== 'default' && !contract.seen.get(id).has(Number(status)))
        .filter((status) => !(status in kUnseen) && !(status in (kUnseenOf[id] ?? {})))
        .map((status) => `${id} ${status}`),
    );
    assert.deepEqual(missing, []);
    for (const [id, seen] of contract.seen) {
      assert.ok([...seen].some((status) => status < 300), `${id} was never successful`);
    }
  });
});
