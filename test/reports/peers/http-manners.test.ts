import { assert, describe } from '../../support/suite.ts';
import { NOW, testServer, type TestServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

describe('peers: manners of HTTP', (it) => {
  let server: TestServer;
  const store = modelStore({ names: ['a', 'a.b'] });
  it.before(async () => {
    server = await testServer(store);
  });
  it.after(() => server.close());

  it('-1 is no time in a search for names, and from comes before until', async () => {
    for (const range of ['from=-1&until=-1', 'from=-1', 'until=-1', 'from=undefined']) {
      assert.is((await server.ask(`/metrics/find?query=a&${range}`)).status, 200, range);
    }
    const wrong = await server.ask('/metrics/find?query=a&from=200&until=100');
    assert.equal(
      [wrong.status, wrong.text],
      [400, 'from 200 and until 100: expected from to be the earlier one\n'],
    );
  });

  it('expands nothing to itself', async () => {
    assert.equal(await server.json('/metrics/expand?query='), { results: [''] });
    assert.equal(await server.json('/metrics/expand?query=a&query=&groupByExpr=1'), {
      results: { a: ['a'], '': [''] },
    });
  });

  it('caches between are told what the request asks', async () => {
    const told = async (query: string): Promise<unknown[]> => {
      const { headers } = await server.ask(`/render?target=a&format=json&${query}`);
      return [headers['cache-control'], headers['expires']];
    };
    const at = (seconds: number): string => new Date((NOW + seconds) * 1000).toUTCString();
    const never = 'max-age=0, no-cache, no-store, must-revalidate, private';
    assert.equal(await told(''), ['no-cache', undefined]);
    assert.equal(await told('cacheTimeout=60'), ['max-age=60', at(60)]);
    assert.equal(await told('cacheTimeout=60'), ['max-age=60', at(60)]); // from the cache
    assert.equal(await told('cacheTimeout=0'), ['max-age=0', at(0)]);
    assert.equal(await told('noCache=1&cacheTimeout=60'), [never, at(0)]);
    assert.is(
      (await server.ask('/render?target=a&format=json&cacheTimeout=999999999999')).status,
      200,
    );
  });

  it('multipart forms are read, other bodies in disguise are not', async () => {
    const multipart = { 'content-type': 'multipart/form-data; boundary=XX' };
    const part = (name: string, value: string): string =>
      `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const form = (...parts: string[]): string => `${parts.join('')}--XX--\r\n`;
    const drawn = await server.ask('/render', {
      body: form(part('target', 'a'), part('target', 'a.b'), part('format', 'json')),
      headers: multipart,
    });
    assert.equal([drawn.status, drawn.type], [200, 'application/json']);
    assert.is((JSON.parse(drawn.text) as unknown[]).length, 2);
    const found = await server.ask('/metrics/find', {
      body: form(part('query', 'a&b=%41 {a,b}+')),
      headers: multipart,
    });
    assert.is(found.status, 200);
    for (const [headers, status, sentence] of [
      [{ 'content-type': 'multipart/form-data; boundary=YY' }, 400, 'expected a multipart form'],
      [{ 'content-type': 'multipart/form-data' }, 415, 'expected a form or JSON'],
      [{ 'content-type': 'multipart/mixed; boundary=XX' }, 415, 'expected a form or JSON'],
      [{ 'content-encoding': 'gzip' }, 415, 'content-encoding gzip: expected none'],
    ] as [Record<string, string>, number, string][]) {
      for (const path of ['/render', '/metrics/find', '/events', '/tags/tagSeries']) {
        const answer = await server.ask(path, { body: form(part('target', 'a')), headers });
        assert.is(answer.status, status, `${path} ${JSON.stringify(headers)}`);
        assert.match(answer.text, sentence);
      }
    }
  });

  it('says which series a limit refused', async () => {
    const full = modelStore();
    const { tagSeries } = full;
    full.tagSeries = async (name) => (name.startsWith('full') ? false : tagSeries.call(full, name));
    const own = await testServer(full);
    const body = 'path=a;b=c&path=full;x=1&path=full;x=2';
    const answer = await own.ask('/tags/tagMultiSeries', { body });
    assert.is(answer.status, 422);
    assert.match(answer.text, /^\{"error":"2 of 3 series refused by .*: full;x=1, full;x=2"\}$/);
    assert.ok(full.lookup('a;b=c'));
    assert.is((await own.ask('/tags/tagSeries', { body: 'path=full;x=1' })).status, 422);
    const both = await own.ask('/tags/tagMultiSeries', { body: 'path=a;b=c&path=d;b=c' });
    assert.equal([both.status, both.text], [200, '["a;b=c","d;b=c"]']);
    await own.close();
  });
});
