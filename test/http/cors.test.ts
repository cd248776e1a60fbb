/** Pages of other sites: which may read answers, and that none of them changes anything by it. */
import { modelStore } from '../model/model-store.ts';
import { assert, describe } from '../support/suite.ts';
import { testServer, type TestServer } from './client.ts';
import { rulesOf } from './rights-world.ts';

const SITE = 'https://grafana.example.com';

describe('http: pages of other sites', (it) => {
  const store = modelStore({ names: ['a.b'] });
  const servers: TestServer[] = [];
  const serve = async (corsOrigins: string[], access?: object): Promise<TestServer> => {
    const rules = access === undefined ? undefined : rulesOf(access);
    const server = await testServer(store, { corsOrigins, access: () => rules });
    servers.push(server);
    return server;
  };
  it.after(async () => {
    for (const server of servers) await server.close();
  });

  const allowed = async (server: TestServer, origin?: string, path = '/metrics/index.json') => {
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const answer = await server.ask(path, { headers });
    const said = answer.headers;
    return [said['access-control-allow-origin'], said['access-control-allow-credentials']];
  };
  const nothing = [undefined, undefined];

  it('may read where they are listed', async () => {
    const server = await serve([SITE]);
    assert.equal(await allowed(server, SITE), [SITE, 'true']);
    // Errors too, and the page itself, whose answers differ by encoding as well.
    assert.equal(await allowed(server, SITE, '/render?target=a('), [SITE, 'true']);
    const page = await server.ask('/', { headers: { origin: SITE } });
    assert.is(page.headers.vary, 'origin, accept-encoding');
    for (const other of [undefined, 'https://evil.example', `${SITE}.evil.example`, 'null']) {
      assert.equal(await allowed(server, other), nothing, other ?? 'none');
    }
    const none = await serve([]);
    assert.equal(await allowed(none, SITE), nothing);
    assert.is((await none.ask('/tags')).headers.vary, undefined);
    assert.equal(await allowed(await serve(['*']), 'https://any.example'), ['*', undefined]);
  });

  it('ask before they send more, and change nothing', async () => {
    const server = await serve([SITE, '*']);
    const asked = { origin: SITE, 'access-control-request-method': 'DELETE' };
    const { status, headers } = await server.ask('/series', { method: 'OPTIONS', headers: asked });
    assert.equal([status, headers['access-control-allow-methods']], [204, 'GET, HEAD, POST']);
    assert.match(headers['access-control-allow-headers'] ?? '', /authorization/);
    const event = { method: 'POST', body: '{"what":"x"}' };
    const sent = { origin: SITE, 'content-type': 'application/json' };
    assert.is((await server.ask('/events', { ...event, headers: sent })).status, 403);
    const deleted = await server.ask('/series?query=**', {
      method: 'DELETE',
      headers: { origin: SITE },
    });
    assert.is(deleted.status, 403);
    assert.ok(store.lookup('a.b'));
  });

  it('learn that they must say who asks, where there are rights', async () => {
    const server = await serve([SITE], { users: {} });
    const { status, headers } = await server.ask('/tags', { headers: { origin: SITE } });
    assert.equal([status, headers['access-control-allow-origin']], [401, SITE]);
    assert.is(headers.vary, 'origin, authorization');
  });
});
