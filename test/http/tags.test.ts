import { canonicalTagged } from '../../src/http/tag-names.ts';
import { assert, describe } from '../support/suite.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { points } from '../support/points.ts';
import { NOW, testServer, type TestServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

describe('tag names', (it) => {
  it('spells a tagged name in one way', () => {
    assert.is(canonicalTagged('x;b=2;a=1'), 'x;a=1;b=2');
    assert.is(canonicalTagged('x'), 'x');
    assert.is(canonicalTagged('x;a=1;a=2'), 'x;a=2');
    assert.is(canonicalTagged('x{b="2",a="say \\"hi\\""}'), 'x;a=say "hi";b=2');
    assert.throws(() => canonicalTagged(';a=b'), /is no name: a name needs at least one/);
    assert.throws(() => canonicalTagged('x;a'), /is no name: tags are/);
    assert.throws(() => canonicalTagged('x;=a'), /is no name: tags are/);
    for (const path of ['x{a=""}', 'x;a=', 'x;a=~b', 'x;a!b=1', 'x{a^="1"}']) {
      assert.throws(() => canonicalTagged(path), /is no name: tags are/, path);
    }
  });
});

describe('http tags', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore({ names: ['m;dc=1;host=a', 'm;dc=2;host=b', 'plain'] }));
  });
  it.after(() => server.close());

  it('lists tags and values', async () => {
    assert.equal(await server.json('/tags/?filter=d|n'), [
      { id: 1, tag: 'dc' },
      { id: 3, tag: 'name' },
    ]);
    assert.equal(await server.json('/tags/host'), {
      id: 2,
      tag: 'host',
      values: [
        { id: 1, value: 'a', count: 1 },
        { id: 2, value: 'b', count: 1 },
      ],
    });
    assert.is(await server.json('/tags/nosuch'), null);
  });

  it('finds and completes; limit=0 is no limit', async () => {
    assert.equal(await server.json('/tags/findSeries?expr=dc=1'), ['m;dc=1;host=a']);
    assert.equal(await server.json('/tags/findSeries', { body: 'expr[]=name=m&limit=1' }), [
      'm;dc=1;host=a',
    ]);
    assert.equal(await server.json('/tags/autoComplete/tags?expr=dc=1'), ['host', 'name']);
    const all = '/tags/autoComplete/tags?limit=0&tagPrefix=&from=undefined';
    assert.equal(await server.json(all), ['dc', 'host', 'name']);
    assert.equal(await server.json('/tags/autoComplete/values?tag=host&valuePrefix=b'), ['b']);
  });

  it('completes values of what is only said not to match: the tag itself is asked for', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    for (const name of ['m;dc=1;host=a', 'm;dc=2;host=b', 'm;dc=2']) await store.tagSeries(name);
    const small = await testServer(store);
    try {
      assert.equal(await small.json('/tags/autoComplete/values?tag=host&expr=dc!=1'), ['b']);
      assert.is((await small.ask('/tags/findSeries?expr=dc!=1')).status, 400);
    } finally {
      await small.close();
    }
  });

  it('completes with a hundred at most unless asked for more', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `m;host=h${String(i).padStart(3, '0')}`);
    const big = await testServer(modelStore({ names }));
    try {
      const count = async (more: string): Promise<number> =>
        ((await big.json(`/tags/autoComplete/values?tag=host${more}`)) as string[]).length;
      assert.is(await count(''), 100);
      assert.is(await count('&limit=10000'), 150);
      assert.is(await count('&limit=0'), 150);
      assert.is(await count('&limit=7'), 7);
    } finally {
      await big.close();
    }
  });

  it('registers and forgets, but never a plain name', async () => {
    const body = 'path=n;z=1;a=2';
    assert.is(await server.json('/tags/tagSeries', { body }), 'n;a=2;z=1');
    assert.equal(await server.json('/tags/tagMultiSeries', { body: `${body}&path=n;a=3` }), [
      'n;a=2;z=1',
      'n;a=3',
    ]);
    assert.equal(await server.json('/tags/findSeries?expr=a=2'), ['n;a=2;z=1']);
    assert.is(await server.json('/tags/delSeries', { body: `${body}&path=plain` }), true);
    assert.equal(await server.json('/tags/findSeries?expr=a=2'), []);
    assert.equal(await server.json('/metrics/index.json'), ['plain']);
  });

  it('delSeries leaves points alone: they are found by name, and by tags after the next one', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    const own = await testServer(store);
    const write = (value: number, time: number): Promise<unknown> =>
      store.append(points(['m;dc=1'], [time], [value]), time);
    const render = async (target: string): Promise<string[]> => {
      const query = `/render?format=json&from=-10min&target=${encodeURIComponent(target)}`;
      return ((await own.json(query)) as { target: string }[]).map((one) => one.target);
    };
    try {
      await write(1, NOW - 60);
      assert.equal(await render('seriesByTag("dc=1")'), ['m;dc=1']);
      assert.is(await own.json('/tags/delSeries', { body: 'path=m;dc=1' }), true);
      assert.equal(await own.json('/tags/findSeries?expr=dc=1'), []);
      assert.equal(await own.json('/tags'), []);
      assert.equal(await render('seriesByTag("dc=1")'), []);
      assert.equal(await render('m;dc=1'), ['m;dc=1']);
      await write(2, NOW + 10);
      assert.equal(await own.json('/tags/findSeries?expr=dc=1'), ['m;dc=1']);
      assert.equal(await render('seriesByTag("dc=1")'), ['m;dc=1']);
    } finally {
      await own.close();
    }
  });

  it('answers errors as JSON', async () => {
    const refused: [string, string | undefined, number][] = [
      ['/tags/findSeries', undefined, 400],
      ['/tags/findSeries?expr=bogus', undefined, 400],
      ['/tags/findSeries?expr=a!=1', undefined, 400],
      ['/tags/findSeries?expr=a=', undefined, 400],
      ['/tags/findSeries?expr=a=~.*', undefined, 400],
      ['/tags/findSeries?expr=a=~(', undefined, 400],
      ['/tags/autoComplete/values', undefined, 400],
      ['/tags/autoComplete/tags?limit=x', undefined, 400],
      ['/tags?filter=[', undefined, 400],
      ['/tags/tagSeries', '', 400],
      ['/tags/tagSeries', 'path=', 400],
      ['/tags/tagSeries', 'path=;a=b', 400],
      ['/tags/tagSeries', `path=x;a=${'b'.repeat(5000)}`, 413],
      ['/tags/tagSeries?path=x;a=b', undefined, 405],
    ];
    for (const [path, body, status] of refused) {
      const answer = await server.ask(path, body === undefined ? {} : { body });
      assert.is(answer.status, status, path);
      const { error } = JSON.parse(answer.text) as { error: string };
      assert.ok(error.length > 5 && !error.includes('\n'), path);
    }
  });
});
