import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const kInteraction = '/interaction/';

function signingKey(algorithm) {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: algorithm, alg: algorithm, use: 'sig' };
}

const kForm = `<!doctype html><html lang="en"><title>Provider</title><body><form method="post">
<label>Name <input name="login" autofocus></label>
<button name="choice" value="sign-in">Sign in</button><button name="choice" value="cancel">Cancel</button>
</form></body></html>`;

/** An OpenID provider, the npm package of that name, with a login page that believes everybody. */
export class OidcProvider {
  /** Name -> claims of those who can log in. */
  people = new Map();
  clients = [
    { client_id: 'energy', client_secret: randomBytes(24).toString('hex') },
    {
      client_id: 'energy-public',
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    },
  ];
  #keys = [signingKey('RS256'), signingKey('ES256')];
  #cookies = randomBytes(24).toString('hex');
  #server = null;

  /** `redirectUri`: of the platform. */
  static async start(redirectUri) {
    const provider = new OidcProvider();
    for (const client of provider.clients) client.redirect_uris = [redirectUri];
    await provider.open();
    return provider;
  }

  /** Serves; again on the same port after close(). */
  async open() {
    const server = createServer((request, response) => this.#answer(request, response));
    // Another site than the platform's 127.0.0.1, as in real life.
    server.listen(this.port ?? 0, 'localhost');
    await once(server, 'listening');
    this.#server = server;
    this.port = server.address().port;
    this.issuer = `http://localhost:${this.port}`;
    this.provider = new Provider(this.issuer, {
      clients: this.clients,
      jwks: { keys: this.#keys },
      cookies: { keys: [this.#cookies] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => kInteraction + uid },
      pkce: { methods: ['S256'], required: () => true },
      claims: { email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, ...this.people.get(id) }),
      }),
      // Everybody agrees to everything.
      loadExistingGrant: async (context) => {
        const { client, session, provider } = context.oidc;
        const grant = new provider.Grant({
          clientId: client.clientId,
          accountId: session.accountId,
        });
        grant.addOIDCScope('openid email profile groups');
        await grant.save();
        return grant;
      },
    });
  }

  async #answer(request, response) {
    if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    if (!request.url.startsWith(kInteraction)) {
      this.provider.callback()(request, response);
      return;
    }
    if (request.method === 'GET') {
      response.setHeader('Content-Type', 'text/html').end(kForm);
      return;
    }
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    const form = new URLSearchParams(body);
    const result =
      form.get('choice') === 'cancel'
        ? { error: 'access_denied', error_description: 'cancelled' }
        : { login: { accountId: form.get('login'), remember: false } };
    await this.provider
      .interactionFinished(request, response, result)
      .catch((error) => response.writeHead(500).end(String(error)));
  }

  async close() {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
}

/** A browser as far as cookies and redirects go. */
export class Visitor {
  #cookies = new Map(); // by host, then by name

  async send(url, options = {}) {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map();
    this.#cookies.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...options,
      headers: { ...options.headers, ...(cookie ? { Cookie: cookie } : {}) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      request: `${options.method ?? 'GET'} ${url}`,
    };
  }

  /** From `url` by way of the provider's login page, up to where the platform's callback is asked for. */
  async toCallback(url, login, choice = 'sign-in') {
    let next = url;
    for (let steps = 0; steps < 12; ++steps) {
      let answer = await this.send(next);
      if (answer.status === 200) {
        answer = await this.send(next, {
          method: 'POST',
          body: new URLSearchParams({ login, choice }).toString(),
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        });
      }
      const location = answer.headers.get('location');
      if (!location) throw new Error(`${answer.request}: ${answer.status} ${answer.text}`);
      next = new URL(location, next).href;
      if (new URL(next).pathname === '/api/auth/oidc/callback') return next;
    }
    throw new Error(`the way does not end: ${next}`);
  }
}
