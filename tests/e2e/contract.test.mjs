// Holds the running program against docs/api/openapi.yaml, in both directions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acceptedTests } from './contract-accepted.mjs';
import { refusedTests } from './contract-refused.mjs';
import { ingestTests } from './ingest.mjs';
import { Contract } from './openapi.mjs';
import { Platform } from './platform.mjs';
import { Api, World } from './world.mjs';

// Documented answers that these tests cannot bring about, and why.
const kUnseen = {
  403: 'roles_test.cc asks each route with each role',
  503: 'nothing that the program needs is down',
};
const kUnseenOf = {
  refreshSession: { 429: 'logins are limited, renewals are not' },
  importDevices: { 409: 'nobody registers the same device meanwhile' },
  changePassword: { 429: 'as for logins' },
  beginSecondFactor: { 429: 'as for logins' },
  disableSecondFactor: { 429: 'as for logins' },
  finishLogin: { 429: 'as for logins' },
  beginOidcLogin: { 303: 'oidc.test.mjs has a provider' },
  finishOidcLogin: { 303: 'oidc.test.mjs has a provider' },
  openOidcSession: { 200: 'oidc.test.mjs has a provider' },
  queryData: { 429: 'these tests run one statement at a time' },
  getStatistics: { 413: 'the world has no million of readings' },
};

const contract = new Contract();

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
