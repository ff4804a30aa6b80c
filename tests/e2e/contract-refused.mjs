// How the program refuses, and what it must not refuse.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { barelyRightBodies, listedTexts, wrongBodies, wrongTexts } from './values.mjs';

const queries = (operation) => operation.parameters.filter(({ in: place }) => place === 'query');
const kStreams = ['streamTelemetry', 'streamAlerts'];
const hasPathId = ({ path }) => path.includes('{');

function assertNone(failures) {
  assert.ok(failures.length === 0, `${failures.length} failures:\n${failures.join('\n')}`);
}

/** `tested()` gives { contract, platform, api, world } once the program runs. */
export function refusedTests(tested) {
  it('answers 401 without a valid token', async () => {
    const { contract, api, world } = tested();
    for (const operation of contract.operations.filter(({ secured }) => secured)) {
      if (kStreams.includes(operation.id)) continue;
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
    const { contract, api, world } = tested();
    for (const operation of contract.operations.filter(hasPathId)) {
      if (kStreams.includes(operation.id)) continue;
      const id = world.idFor(operation, false);
      await api.call(operation.id, 404, { id, body: world.bodyFor(operation) });
    }
    const nowhere = await api.client.send('GET', '/api/no-such-thing');
    assert.equal(nowhere.status, 404);
    contract.holdSchema('ErrorEnvelope', JSON.parse(nowhere.text));
  });

  it('answers 400 to an unknown query parameter', async () => {
    const { contract, api, world } = tested();
    for (const operation of contract.operations.filter((o) => queries(o).length > 0)) {
      if (kStreams.includes(operation.id)) continue;
      const options = { id: world.idFor(operation), query: { no_such_parameter: '1' } };
      const { error } = await api.call(operation.id, 400, options);
      assert.ok(error.details?.no_such_parameter, `${operation.id}: ${JSON.stringify(error)}`);
    }
  });

  it('takes each listed value of a query parameter and refuses others', async () => {
    const { contract, api, world } = tested();
    const failures = [];
    for (const operation of contract.operations) {
      // It answers 201 once, then 409: contract-accepted.mjs has it.
      if (['createProfile', 'deleteDevice', ...kStreams].includes(operation.id)) continue;
      for (const { name, schema } of queries(operation)) {
        const id = world.idFor(operation);
        const attempt = async (value, status) => {
          try {
            const body = world.bodyFor(operation);
            const options = { id, query: { [name]: value }, body };
            const answer = await api.call(operation.id, status, options);
            if (status === 400) assert.ok(answer.error.details?.[name], `${name}: no details`);
          } catch (error) {
            failures.push(`${name}=${value.slice(0, 60)}: ${error.message.slice(0, 400)}`);
          }
        };
        for (const value of listedTexts(schema, contract)) await attempt(value, 200);
        for (const value of wrongTexts(schema, contract)) await attempt(value, 400);
      }
    }
    assertNone(failures);
  });

  it('refuses bodies that the document does not admit, naming the field', async () => {
    const { contract, api, world } = tested();
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
          // A part of the member may be named: fields[0].
          const names = Object.keys(error.details ?? {});
          const named =
            response.status !== 400 ||
            names.some((name) => name === field || name.startsWith(`${field}[`));
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
    assertNone(failures);
  });

  it('takes bodies at the limits of what the document admits', async () => {
    const { contract, api, world } = tested();
    const failures = [];
    // A profile for each type at the limit would check what other operations send of such types.
    const operations = contract.operations.filter(({ id, body }) => body && id !== 'createProfile');
    for (const operation of operations) {
      const id = world.idFor(operation);
      const good = world.bodyFor(operation);
      for (const { field, body } of barelyRightBodies(operation, good, contract)) {
        const response = await api.send(operation, { id, body });
        contract.check(operation, response);
        if (response.status === 400) failures.push(`${operation.id} ${field}: ${response.text}`);
      }
    }
    assertNone(failures);
  });

  it('answers 405 to other methods', async () => {
    const { contract, api, world } = tested();
    for (const path of Object.keys(contract.document.paths)) {
      const known = contract.all.filter((operation) => operation.path === path);
      const allowed = known.map(({ method }) => method);
      const at = path.replace(/\{\w+\}/, world.idFor(known[0]));
      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH']) {
        if (allowed.includes(method)) continue;
        // For this method the last part is an id like any other.
        const sibling = contract.document.paths[path.replace(/\/[^/{}]+$/, '/{id}')];
        if (sibling?.[method.toLowerCase()] && !path.endsWith('}')) continue;
        const response = await api.client.send(method, at);
        assert.equal(response.status, 405, `${response.request}: ${response.text}`);
        const body = JSON.parse(response.text);
        if (path.endsWith('/write')) {
          contract.holdSchema('InfluxError', body, response.request);
        } else {
          contract.holdSchema('ErrorEnvelope', body, response.request);
          assert.equal(body.error.code, 'METHOD_NOT_ALLOWED');
        }
        const allow = response.headers.get('allow') ?? '';
        for (const name of allowed) assert.ok(allow.includes(name), `${path} allows '${allow}'`);
      }
    }
  });

  it('answers 413 to a body that is too large', async () => {
    const { contract, api, world } = tested();
    const raw = JSON.stringify({ name: 'x'.repeat(3 << 20) });
    const limited = ({ body, statuses }) => body && statuses.includes('413');
    for (const operation of contract.operations.filter(limited)) {
      await api.call(operation.id, 413, { id: world.idFor(operation), raw });
    }
  });

  it('answers 412 to a write that is for another version', async () => {
    const { contract, api, world } = tested();
    const guarded = contract.operations.filter(({ statuses }) => statuses.includes('412'));
    assert.ok(guarded.length >= 8);
    for (const operation of guarded) {
      const options = { id: world.idFor(operation), body: world.bodyFor(operation) };
      for (const tag of ['W/"0-0123456789abcdef"', '"nonsense"']) {
        const headers = { 'If-Match': tag };
        const { error } = await api.call(operation.id, 412, { ...options, headers });
        assert.ok(error.details['If-Match'], `${operation.id}: ${JSON.stringify(error)}`);
      }
    }
  });

  it('takes If-Match wherever a resource has a version', () => {
    const { contract } = tested();
    const versioned = contract.operations.filter(({ method, path }) => {
      const { get } = contract.document.paths[path];
      return ['getDevice', 'getProfile', 'getRule', 'getUser'].includes(get?.operationId) && method !== 'GET';
    });
    assert.ok(versioned.length >= 7);
    for (const { id, parameters, statuses } of versioned) {
      assert.ok(statuses.includes('412'), `${id} does not document 412`);
      assert.ok(parameters.some(({ name }) => name === 'If-Match'), `${id} has no If-Match`);
    }
  });
}
