// Sends each operation random parameters and bodies: whatever comes, the program answers what its
// document allows, and never a 5xx. E2E_SEED repeats a run, E2E_FUZZ sets the requests an operation.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Contract } from './openapi.mjs';
import { Random } from './values.mjs';
import { World } from './world.mjs';

const kSeed = Number(process.env.E2E_SEED ?? 20260207);
const kRequests = Number(process.env.E2E_FUZZ ?? 60);

const contract = new Contract();

// Wrong passwords lock an account, which must not be the one that the tests use.
const kStranger = { email: 'nobody@example.com', password: 'wrong' };

/** As a segment of a path: without halves of characters, and not one that the client resolves. */
function sendable(text) {
  const whole = Buffer.from(text).toString();
  return /^\.{0,2}$/.test(whole) ? 'x' : whole;
}

function randomQuery(random, operation) {
  const query = new URLSearchParams();
  for (const { name, schema, in: place } of operation.parameters) {
    if (place !== 'query' || random.chance(0.5)) continue;
    query.append(name, String(random.like(schema, contract)));
    if (random.chance(0.05)) query.append(name, random.text());
  }
  if (random.chance(0.05)) query.append(random.text(), random.text());
  return query;
}

function randomBody(random, operation, good) {
  if (!operation.body) return random.chance(0.1) ? { raw: random.text() } : {};
  const kind = random.next();
  if (kind < 0.05) return {};
  if (kind < 0.1) return { raw: random.text() };
  if (kind < 0.15) return { raw: '['.repeat(random.below(5000)) };
  if (kind < 0.2) return { raw: '{"a":'.repeat(random.below(200)) };
  if (kind < 0.25) return { body: random.json() };
  const text = JSON.stringify({ ...good, ...random.like(operation.body.schema, contract) });
  return { raw: random.chance(0.1) ? text.slice(0, random.below(text.length)) : text };
}

describe('the program withstands what nobody should send', { timeout: 120_000 }, () => {
  let platform;
  let api;
  let world;

  before(async () => {
    world = await World.start(contract);
    ({ platform, api } = world);
    world.alertId = (await world.alert()).id;
  });
  after(() => platform?.close());

  for (const [index, operation] of contract.operations.entries()) {
    it(`${operation.method} ${operation.path}`, async () => {
      const random = new Random(kSeed + index);
      // The session of the other requests must outlive those that end one.
      const own =
        operation.id === 'logout'
          ? await platform.login()
          : { token: api.tokens[operation.id] ?? api.client.token };
      const good = operation.id === 'login' ? kStranger : world.bodyFor(operation);
      for (let n = 0; n < kRequests; ++n) {
        const known = random.chance(0.7) && operation.method !== 'DELETE';
        const options = {
          id: known ? world.idFor(operation) : sendable(random.text()),
          query: randomQuery(random, operation),
          token: random.chance(0.95) ? own.token : random.text().replace(/[^\x21-\x7e]/g, ''),
          ...randomBody(random, operation, good),
        };
        if (operation.method === 'GET') delete options.raw;
        const response = await api.send(operation, options);
        const sent = `seed ${kSeed}, request ${n}: ${response.request} ${options.raw ?? ''}`;
        assert.ok(response.status < 500, `${sent}: ${response.status} ${response.text}`);
        contract.check(operation, { ...response, request: sent.slice(0, 1000) });
      }
    });
  }

  it('still works', async () => {
    assert.equal((await api.call('getReadiness', 200, { token: null })).status, 'ready');
    await api.data('getDevice', { id: 'D1' });
  });
});
