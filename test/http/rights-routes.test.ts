/** What each route asks of whoever comes: who they are, and whether they may. */
import type { AccessRules } from '../../src/access/access-file.ts';
import { hashPassword, newToken } from '../../src/access/secrets.ts';
import { ADMIN_HEADER } from '../../src/storage/admin/headers.ts';
import { modelStore } from '../model/model-store.ts';
import { assert, describe } from '../support/suite.ts';
import { testServer, type TestServer } from './client.ts';
import { rulesOf } from './rights-world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('http: rights of routes', (it) => {
  let server: TestServer;
  let rules: AccessRules | undefined;
  let file: Record<string, Record<string, unknown>>;
  const tokens = new Map<string, string>();
  const as = (name: string) => ({ authorization: `Bearer ${tokens.get(name)!}` });
  const store = modelStore({ names: ['web.a', 'db.a', 'db.b;team=web'] });

  it.before(async () => {
    const parts = {
      reader: { read: ['web'] },
      writer: { read: ['web'], write: ['web', 'team=web'], events: ['web'], dashboards: ['web*'] },
      blind: { write: ['db'] },
      watch: { status: true, read: ['web'] },
      whole: { status: true, read: ['**'] },
      admin: { admin: true },
    };
    file = { tokens: {} };
    for (const [name, part] of Object.entries(parts)) {
      const { token, secret } = newToken();
      tokens.set(name, token);
      file['tokens']![name] = { secret, ...part };
    }
    rules = rulesOf(file);
    server = await testServer(store, { access: () => rules });
  });
  it.after(() => server.close());

  const statusOf = async (
    path: string,
    name?: string,
    more: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ): Promise<number> => {
    const headers = { ...(name === undefined ? {} : as(name)), ...more.headers };
    return (await server.ask(path, { ...more, headers })).status;
  };

  it('nobody is let in without a name, but for what has no names in it', async () => {
    const closed = [
      ['/', '/web/main.js', '/render?target=a', '/metrics', '/metrics/find?query=*'],
      ['/metrics/expand?query=*', '/metrics/index.json', '/metrics/get-metadata?key=a'],
      ['/tags', '/tags/a', '/tags/findSeries?expr=a=b', '/tags/autoComplete/tags', '/search'],
      ['/tags/autoComplete/values?tag=a', '/explore', '/functions', '/functions/sum', '/events'],
      ['/events/1', '/events/get_data', '/dashboards', '/dashboards/a', '/overview', '/nosuch'],
    ].flat();
    for (const path of closed) assert.is(await statusOf(path), 401, path);
    const changing: [string, string][] = [
      ...['/events', '/tags/tagSeries', '/tags/tagMultiSeries', '/tags/delSeries'].map(
        (path): [string, string] => [path, 'POST'],
      ),
      ['/metrics/set-metadata', 'POST'],
      ['/dashboards/a', 'PUT'],
      ['/dashboards/a', 'DELETE'],
      ['/dashboards/convert', 'POST'],
      ['/series?query=**', 'DELETE'],
      ['/admin/names', 'POST'],
    ];
    for (const [path, method] of changing)
      assert.is(await statusOf(path, undefined, { method }), 401);
    assert.is(await statusOf('/version'), 200);
    assert.is(await statusOf('/render', undefined, { method: 'OPTIONS' }), 204);
    const health = await server.ask('/health');
    assert.equal([health.status, JSON.parse(health.text)], [200, { status: 'ok' }]);
    const { headers, text } = await server.ask('/render?target=a', {
      headers: { authorization: 'Bearer nosuch' },
    });
    assert.match(headers['www-authenticate'] ?? '', /^Basic realm="tallyd"/);
    assert.match(headers['vary'] ?? '', /authorization/);
    assert.is(text, 'the token is not known\n');
    assert.is(await statusOf('/health', undefined, { headers: { authorization: 'x' } }), 401);
  });

  it('anybody reads what anonymous may, and a wrong password is not anybody', async () => {
    const before = rules;
    rules = rulesOf({ ...file, anonymous: { read: ['db'] } });
    assert.equal(await server.json('/metrics/index.json'), ['db.a']);
    assert.is(
      await statusOf('/metrics/index.json', undefined, { headers: { authorization: 'x' } }),
      401,
    );
    // A page elsewhere may show what anybody may read.
    assert.is(await statusOf('/search?query=a&jsonp=show'), 200);
    rules = before;
    assert.is(await statusOf('/search?query=a&jsonp=show', 'reader'), 403);
    assert.is(await statusOf('/search?query=a&json%70=show', 'reader'), 403);
  });

  it('what is written is asked of each name', async () => {
    const post = (path: string, name: string, body: string): Promise<number> =>
      statusOf(path, name, { body });
    assert.is(await post('/tags/tagSeries', 'reader', 'path=web.x;team=web'), 403);
    assert.is(await post('/tags/tagSeries', 'writer', 'path=db.x;env=a'), 403);
    assert.is(await post('/tags/tagMultiSeries', 'writer', 'path=web.x;a=b&path=db.x;a=b'), 403);
    assert.is(store.lookup('web.x;a=b'), undefined);
    assert.is(await post('/tags/tagSeries', 'writer', 'path=db.x;team=web'), 200);
    assert.is(await post('/tags/delSeries', 'writer', 'path=db.x;env=a'), 403);
    assert.is(await post('/tags/delSeries', 'writer', 'path=db.x;team=web'), 200);
    const note = 'key=k&value=v&metric=';
    assert.is(await post('/metrics/set-metadata', 'writer', `${note}db.a`), 403);
    assert.is(await post('/metrics/set-metadata', 'writer', `${note}web.a`), 200);
    // Who may write a name and not read it does not learn what was there.
    assert.is(await post('/metrics/set-metadata', 'admin', `${note}db.a`), 200);
    const blind = await server.ask('/metrics/set-metadata', {
      body: 'key=k&value=w&metric=db.a',
      headers: as('blind'),
    });
    assert.equal(JSON.parse(blind.text), { 'db.a': { old_value: null, new_value: 'w' } });
    const event = (tags: string): string => JSON.stringify({ what: 'x', tags });
    const posted = (name: string, tags: string): Promise<number> =>
      statusOf('/events', name, { body: event(tags), headers: JSON_TYPE });
    assert.equal(
      [
        await posted('reader', 'web'),
        await posted('writer', 'db'),
        await posted('writer', 'db web'),
      ],
      [403, 403, 200],
    );
    const put = (name: string, id: string): Promise<number> =>
      statusOf(`/dashboards/${id}`, name, {
        method: 'PUT',
        body: JSON.stringify({ title: id, panels: [] }),
        headers: JSON_TYPE,
      });
    assert.equal(
      [await put('reader', 'web1'), await put('writer', 'db1'), await put('writer', 'web1')],
      [403, 403, 201],
    );
    assert.is(await statusOf('/dashboards/web1', 'reader'), 404);
    assert.is(await statusOf('/dashboards/web1', 'writer'), 200);
    assert.is(await statusOf('/dashboards/web1', 'reader', { method: 'DELETE' }), 403);
  });

  it('series are deleted and verbs answered for admins alone, from this machine as ever', async () => {
    const admin = { ...JSON_TYPE, [ADMIN_HEADER]: '1' };
    const names = { body: JSON.stringify({ query: '**' }), headers: admin };
    for (const name of ['reader', 'writer', 'whole']) {
      assert.is(await statusOf('/admin/names', name, names), 403, name);
      assert.is(await statusOf('/series?query=web.a', name, { method: 'DELETE' }), 403);
      for (const path of ['/admin/top', '/admin/renders'])
        assert.is(await statusOf(path, name), 403, `${path} ${name}`);
    }
    for (const path of ['/admin/top', '/admin/renders'])
      assert.is(await statusOf(path, 'admin'), 200, path);
    assert.is(await statusOf('/admin/names', 'admin', names), 200);
    assert.is(await statusOf('/admin/names', 'admin', { ...names, headers: JSON_TYPE }), 403);
    const elsewhere = { method: 'DELETE', headers: { origin: 'http://evil.example' } };
    assert.is(await statusOf('/series?query=web.a', 'admin', elsewhere), 403);
    assert.ok(store.lookup('web.a'));
    assert.is(await statusOf('/series?query=web.a&dryRun=1', 'admin', { method: 'DELETE' }), 200);
  });

  it('what tallyd says of itself is for those who may see its state', async () => {
    const ask = (path: string, name: string) => server.ask(path, { headers: as(name) });
    assert.is(await statusOf('/metrics', 'reader'), 403);
    const page = await ask('/metrics', 'watch');
    assert.match(page.text, /tallyd_store_prefix_series\{prefix="web"\} 1/);
    assert.not.match(page.text, /prefix="db"/);
    const keys = async (name: string): Promise<string[]> =>
      Object.keys(JSON.parse((await ask('/health', name)).text) as object);
    assert.equal([await keys('reader'), await keys('watch')], [['status'], ['status']]);
    assert.ok((await keys('whole')).includes('receive'));
    const overview = async (name: string) =>
      JSON.parse((await ask('/overview', name)).text) as {
        names: { series: number; prefixes: { prefix: string }[] };
        senders?: object;
      };
    const { names, senders } = await overview('reader');
    assert.equal(
      [names.series, names.prefixes.map(({ prefix }) => prefix), senders],
      [1, ['web'], undefined],
    );
    assert.ok((await overview('watch')).senders);
  });

  it('rights that change count from the next request on', async () => {
    const before = rules;
    assert.equal(await server.json('/metrics/index.json', { headers: as('reader') }), ['web.a']);
    rules = rulesOf({
      tokens: {
        ...file['tokens'],
        reader: { ...(file['tokens']!['reader'] as object), read: ['db'] },
      },
    });
    assert.equal(await server.json('/metrics/index.json', { headers: as('reader') }), ['db.a']);
    rules = undefined;
    assert.equal(await server.json('/metrics/index.json'), ['db.a', 'web.a']);
    rules = before;
  });

  it('wrong passwords are told when to come again', async () => {
    const before = rules;
    rules = rulesOf({ users: { ann: { password: await hashPassword('x'), read: ['web'] } } });
    const headers = { authorization: `Basic ${Buffer.from('ann:y').toString('base64')}` };
    let tries = 0;
    let answer = await server.ask('/tags', { headers });
    // A slow machine takes longer for some than the first waits are.
    for (; answer.status === 401 && tries < 20; tries++) {
      answer = await server.ask('/tags', { headers });
    }
    assert.is(answer.status, 429);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.ok(tries >= 5, `${tries}`);
    rules = before;
    const { text } = await server.ask('/metrics', { headers: as('watch') });
    assert.match(text, new RegExp(`tallyd_http_logins_failed_total ${tries}\n`));
    assert.match(text, /tallyd_http_logins_slowed_total 1\n/);
  });
});
