import { assert, describe } from '../support/suite.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { testServer, type TestServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

describe('http find', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(
      modelStore({
        names: ['a.b', 'a.b.c', 'a.d', 'top', 'u.v;x=1'],
        rules: rulesOf({ '': 'sum 1m:1d' }),
      }),
    );
  });
  it.after(() => server.close());

  const entry = (text: string, id: string, leaf: 0 | 1): object => {
    const more = 1 - leaf;
    return { text, id, allowChildren: more, expandable: more, leaf };
  };

  it('lists a tree: branches first, one entry a text', async () => {
    assert.equal(await server.json('/metrics/find?query=a.*'), [
      entry('b', 'a.b', 0),
      entry('d', 'a.d', 1),
    ]);
    assert.equal(await server.json('/metrics/find/?query=a..d'), [entry('d', 'a..d', 1)]);
    assert.equal(await server.json('/metrics/find?query=u.v;x=1'), [entry('v;x=1', 'u.v;x=1', 1)]);
    assert.equal(await server.json('/metrics/find?query=a.'), [entry('', 'a.', 0)]);
    assert.equal(await server.json('/metrics/find?query=.'), []);
  });

  it('takes the raw form that Grafana posts, and ignores from=undefined', async () => {
    const asked = '/metrics/find?from=undefined&until=undefined';
    assert.equal(await server.json(asked, { body: 'query=*' }), [
      entry('a', 'a', 0),
      entry('top', 'top', 1),
    ]);
  });

  it('completes, lists nodes, and says what leaves can hold', async () => {
    assert.equal(await server.json('/metrics/find?query=a.b&format=completer'), {
      metrics: [
        { path: 'a.b.', name: 'b', is_leaf: '0' },
        { path: 'a.b', name: 'b', is_leaf: '1' },
      ],
    });
    assert.equal(await server.json('/metrics/find?query=a.*&format=nodelist&position=-1'), {
      nodes: ['b', 'd'],
    });
    assert.equal(await server.json('/metrics/find?query=a.d&format=json'), [
      {
        path: 'a.d',
        is_leaf: true,
        intervals: [{ start: 1_700_000_000 - 86_400, end: 1_700_000_000 }],
      },
    ]);
  });

  it('expands, with and without groups', async () => {
    const both = '/metrics/expand?query=a.*&query=top';
    assert.equal(await server.json(both), { results: ['a.b', 'a.d', 'top'] });
    assert.equal(await server.json(`${both}&groupByExpr=1&leavesOnly=1`), {
      results: { 'a.*': ['a.b', 'a.d'], top: ['top'] },
    });
    assert.equal(await server.json('/metrics/expand?query=__proto__&groupByExpr=1'), {
      results: JSON.parse('{"__proto__":[]}') as unknown,
    });
  });

  it('indexes plain names, as JSON or for a callback', async () => {
    assert.equal(await server.json('/metrics/index.json'), ['a.b', 'a.b.c', 'a.d', 'top']);
    const { text, type } = await server.ask('/metrics/index.json?jsonp=my.cb');
    assert.is(text, 'my.cb(["a.b","a.b.c","a.d","top"])');
    assert.is(type, 'text/javascript');
  });

  it('refuses in one sentence', async () => {
    for (const query of [
      '',
      '?query=',
      '?query=a&format=x',
      '?query=a&leavesOnly=x',
      '?query=a&jsonp=a(b',
    ]) {
      const { status, text, type } = await server.ask(`/metrics/find${query}`);
      assert.is(status, 400, query);
      assert.is(type, 'text/plain');
      assert.match(text, /^[^\n]+: expected [^\n]+\n$/);
    }
  });

  it('keeps and shows metadata, but not the rules of a series', async () => {
    const set = '/metrics/set-metadata?metric=a.d&key=owner&value=web';
    assert.equal(await server.json(set, { body: '' }), {
      'a.d': { old_value: null, new_value: 'web' },
    });
    const body = '[{"metric":"a.d","key":"owner","value":"db"}]';
    assert.equal(
      await server.json('/metrics/set-metadata', {
        body,
        headers: { 'content-type': 'application/json' },
      }),
      { 'a.d': { old_value: 'web', new_value: 'db' } },
    );
    assert.equal(await server.json('/metrics/get-metadata?metric=a.d&metric=top&key=owner'), {
      'a.d': { value: 'db' },
      top: { value: null },
    });
    assert.equal(await server.json('/metrics/get-metadata?metric=a.d&key=aggregationMethod'), {
      'a.d': { value: 'sum' },
    });
    const refused = await server.json(
      '/metrics/set-metadata?metric=a.d&key=aggregationMethod&value=max',
      { body: '' },
    );
    assert.match(JSON.stringify(refused), /error/);
    assert.is((await server.ask('/metrics/set-metadata', { body: 'operations=[{}]' })).status, 400);
    assert.is((await server.ask('/metrics/get-metadata')).status, 400);
  });
});
