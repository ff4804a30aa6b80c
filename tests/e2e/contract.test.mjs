// Holds the running program against docs/api/openapi.yaml, in both directions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acceptedTests } from './contract-accepted.mjs';
import { refusedTests } from './contract-refused.mjs';
import { ingestTests } from './ingest.mjs';
import { Contract } from './openapi.mjs';
import { World } from './world.mjs';

// Documented answers that these tests cannot bring about, and why.
const kUnseen = {
  403: 'roles_test.cc asks each route with each role',
  429: 'limits are off here: proxy_test.cc and live_test.cc meet them, and logins are limited below',
  503: 'nothing that the program needs is down',
};
const kUnseenOf = {
  importDevices: { 409: 'nobody registers the same device meanwhile' },
  beginOidcLogin: { 303: 'oidc.test.mjs has a provider' },
  finishOidcLogin: { 303: 'oidc.test.mjs has a provider' },
  openOidcSession: { 200: 'oidc.test.mjs has a provider' },
  retryNotification: { 409: 'what waits fails within a second here; notifications_test.cc has it' },
  getStatistics: { 413: 'the world has no million of readings' },
};

const contract = new Contract();

describe('the running program keeps docs/api/openapi.yaml', { timeout: 120_000 }, () => {
  let platform;
  let api;
  let world;

  before(async () => {
    world = await World.start(contract);
    ({ platform, api } = world);
  });
  after(() => platform?.close());

  acceptedTests(() => ({ contract, platform, api, world }));
  ingestTests(() => ({ contract, platform, api, world }));
  refusedTests(() => ({ contract, platform, api, world }));

  it('gave every documented answer', () => {
    const missing = contract.all.flatMap(({ id, statuses }) =>
      statuses
        .filter((status) => status !== 'default' && !contract.seen.get(id).has(Number(status)))
        .filter((status) => !(status in kUnseen) && !(status in (kUnseenOf[id] ?? {})))
        .map((status) => `${id} ${status}`),
    );
    assert.deepEqual(missing, []);
    for (const [id, seen] of contract.seen) {
      if (id in kUnseenOf && [200, 303].some((status) => status in kUnseenOf[id])) continue;
      assert.ok(
        [...seen].some((status) => status < 300),
        `${id} was never successful`,
      );
    }
  });
});
