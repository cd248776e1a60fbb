import { assert, describe } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { type Answer, testServer, type TestServer } from './client.ts';

const SHOP = { title: 'Shop', variables: [], panels: [{ title: 'P', targets: ['a.b'], mine: 1 }] };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('http dashboards', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore(), { dashboards: { count: 3, bytes: 200_000 } });
  });
  it.after(() => server.close());

  const put = (id: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    server.ask(`/dashboards/${id}`, {
      method: 'PUT',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...JSON_TYPE, ...headers },
    });
  const errorOf = ({ text }: Answer): string => (JSON.parse(text) as { error: string }).error;

  it('are kept, listed, read again and deleted', async () => {
    const made = await put('shop', SHOP);
    assert.is(made.status, 201);
    const { etag } = JSON.parse(made.text) as { etag: string };
    const read = await server.ask('/dashboards/shop');
    assert.equal([JSON.parse(read.text), read.headers.etag], [SHOP, etag]);
    const again = await server.ask('/dashboards/shop', { headers: { 'if-none-match': etag } });
    assert.equal([again.status, again.text], [304, '']);
    const { dashboards } = (await server.json('/dashboards')) as {
      dashboards: { id: string; isShipped: boolean }[];
    };
    assert.equal(
      dashboards.map(({ id, isShipped }) => [id, isShipped]),
      [
        ['host', true],
        ['timer', true],
        ['golden-signals', true],
        ['tallyd', true],
        ['shop', false],
      ],
    );
    const gone = await server.ask('/dashboards/shop', {
      method: 'DELETE',
      headers: { 'if-match': etag },
    });
    assert.is(gone.status, 204);
    assert.is((await server.ask('/dashboards/shop')).status, 404);
    const none = { method: 'DELETE', headers: { 'if-match': '*' } };
    assert.is((await server.ask('/dashboards/shop', none)).status, 404);
  });

  it('are not written over by whoever saw another version', async () => {
    const first = (JSON.parse((await put('two', SHOP)).text) as { etag: string }).etag;
    const unseen = await put('two', SHOP);
    assert.is(unseen.status, 412);
    assert.match(errorOf(unseen), 'dashboard two is there already: expected its ETag in If-Match');
    const changes = ['One', 'Two'].map((title) =>
      put('two', { ...SHOP, title }, { 'if-match': first }),
    );
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    assert.equal(
      statuses.sort((a, b) => a - b),
      [200, 412],
    );
    assert.is((await put('two', SHOP, { 'if-match': '*' })).status, 200);
    const late = await put('two', { ...SHOP, title: 'Late' }, { 'if-match': '"x"' });
    assert.match(errorOf(late), /somebody else has changed it meanwhile/);
    const deleted = await put('never', SHOP, { 'if-match': first });
    assert.equal([deleted.status, /deleted meanwhile/.test(errorOf(deleted))], [412, true]);
    await server.ask('/dashboards/two', { method: 'DELETE', headers: { 'if-match': '*' } });
  });

  it('that come with tallyd are read only', async () => {
    const { panels } = (await server.json('/dashboards/tallyd')) as { panels: unknown[] };
    assert.ok(panels.length > 5);
    const refused = await put('tallyd', SHOP, { 'if-match': '*' });
    assert.equal([refused.status, /comes with tallyd/.test(errorOf(refused))], [403, true]);
  });

  it('are checked, and bounded in number and bytes', async () => {
    const refuses = async (status: number, what: RegExp, id: string, body: unknown) => {
      const answer = await put(id, body);
      assert.is(answer.status, status, answer.text);
      assert.match(errorOf(answer), what);
    };
    await refuses(400, /expected letters, digits/, 'a%2fb', SHOP);
    await refuses(400, /expected JSON/, 'x', '{');
    await refuses(400, /panels/, 'x', { title: 'x' });
    await refuses(400, /targets/, 'x', { ...SHOP, panels: [{ title: 'x', targets: [1] }] });
    await refuses(413, /panels: 201 in one call/, 'x', {
      ...SHOP,
      panels: Array.from({ length: 201 }, () => SHOP.panels[0]),
    });
    let nested: unknown = 1;
    for (let i = 0; i < 100; i++) nested = { nested };
    await refuses(400, /nested too deeply/, 'x', { ...SHOP, nested });
    await refuses(413, /larger/, 'x', { ...SHOP, long: 'x'.repeat(600_000) });
    await refuses(422, /maxDashboardBytes allows 200000/, 'x', {
      ...SHOP,
      long: 'x'.repeat(300_000),
    });
    for (const id of ['one', 'two', 'three']) assert.is((await put(id, SHOP)).status, 201);
    await refuses(422, /maxDashboards allows no more/, 'four', SHOP);
    assert.match((await server.ask('/metrics')).text, 'tallyd_dashboards_refused_total 2\n');
  });

  it('refuse pages of other sites', async () => {
    const answer = await put('evil', SHOP, { origin: 'http://evil.example' });
    assert.is(answer.status, 403);
    const remove = {
      method: 'DELETE',
      headers: { 'if-match': '*', origin: 'http://evil.example' },
    };
    assert.is((await server.ask('/dashboards/one', remove)).status, 403);
  });

  it('are converted from what others have', async () => {
    const url = 'http://graphite/render?target=a.b&from=-1h';
    const answer = await server.ask('/dashboards/convert', {
      body: url,
      headers: { 'content-type': 'text/plain' },
    });
    const { source, dashboard } = JSON.parse(answer.text) as {
      source: string;
      dashboard: { panels: { targets: string[] }[] };
    };
    assert.equal([source, dashboard.panels[0]!.targets], ['urls', ['a.b']]);
    const wrong = await server.ask('/dashboards/convert', { body: '{}', headers: JSON_TYPE });
    assert.equal([wrong.status, /neither/.test(errorOf(wrong))], [400, true]);
  });
});
