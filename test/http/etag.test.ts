import { gunzipSync } from 'node:zlib';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';
import { type Answer, NOW, testServer, type TestServer } from './client.ts';

const LABELLED = [
  '/render?target=a.*&format=json&from=-5min',
  '/render?target=a.*&format=pickle&from=-5min',
  '/metrics/find?query=a.*',
  '/metrics/find?query=a.*&format=msgpack',
  '/functions',
  '/functions/sumSeries',
  '/metrics/index.json',
];

describe('http conditional requests', (it) => {
  const store = new MemoryStore(DEFAULT_RULES);
  let server: TestServer;
  const put = (value: number): Promise<unknown> =>
    store.append(points(['a.b', 'a.c'], [NOW, NOW], [value, value]), NOW);
  const ask = (url: string, headers: Record<string, string>): Promise<Answer> =>
    server.ask(url, { headers });
  it.before(async () => {
    await put(1);
    server = await testServer(store);
  });
  it.after(() => server.close());

  it('gives the label again, and no body to whoever has it', async () => {
    for (const url of LABELLED) {
      const first = await server.ask(url);
      const etag = first.headers.etag!;
      assert.match(etag, /^W\/"\w+-\w+-\w+"$/, url);
      assert.is(first.headers['cache-control'], 'no-cache');
      for (const known of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
        const again = await ask(url, { 'if-none-match': known });
        assert.equal([again.status, again.bytes.length], [304, 0], url);
        assert.is(again.headers.etag, etag);
        assert.is(again.headers['content-type'], undefined);
      }
      const head = await server.ask(url, { method: 'HEAD', headers: { 'if-none-match': '*' } });
      assert.equal([head.status, head.bytes.length], [304, 0], url);
      const other = await ask(url, { 'if-none-match': '"other"' });
      assert.equal([other.status, other.text], [200, first.text]);
    }
  });

  it('changes the label with the answer', async () => {
    const url = LABELLED[0]!;
    const { etag } = (await server.ask(url)).headers;
    await put(2);
    const after = await ask(url, { 'if-none-match': etag! });
    assert.is(after.status, 200);
    assert.is.not(after.headers.etag, etag);
  });

  it('goes with compression: one label for both spellings', async () => {
    const plain = await server.ask('/functions');
    const zipped = await ask('/functions', { 'accept-encoding': 'gzip' });
    assert.is(zipped.headers['content-encoding'], 'gzip');
    assert.is(gunzipSync(zipped.bytes).toString('utf8'), plain.text);
    assert.is(zipped.headers.etag, plain.headers.etag);
    const both = { 'accept-encoding': 'gzip', 'if-none-match': plain.headers.etag! };
    const again = await ask('/functions', both);
    assert.equal([again.status, again.bytes.length], [304, 0]);
    assert.is(again.headers['content-encoding'], undefined);
  });

  it('leaves alone errors, POST, and what was not meant to be kept', async () => {
    const bad = await ask('/render?target=nosuch(a)&format=json', { 'if-none-match': '*' });
    assert.equal([bad.status, bad.headers.etag], [400, undefined]);
    assert.is(bad.headers['cache-control'], 'no-store');
    const body = 'target=a.*&format=json';
    const posted = await server.ask('/render', { body, headers: { 'if-none-match': '*' } });
    assert.equal([posted.status, posted.headers.etag], [200, undefined]);
    const health = await ask('/health', { 'if-none-match': '*' });
    assert.equal([health.status, health.headers.etag], [200, undefined]);
  });

  it('streams without a label', async () => {
    const target = encodeURIComponent('time("t",1)');
    const url = `/render?target=${target}&from=-1d&format=json`;
    const { status, headers, text } = await ask(url, { 'if-none-match': '*' });
    assert.equal([status, headers.etag], [200, undefined]);
    assert.ok(text.length > 1_000_000);
  });
});
