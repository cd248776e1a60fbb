import { assert, describe } from '../support/suite.ts';
import { testServer, type TestServer } from './client.ts';
import { fakeStore } from './fake-store.ts';

interface Described {
  name: string;
  group: string;
  description: string;
}

describe('http functions', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(fakeStore([]));
  });
  it.after(() => server.close());

  it('lists by name, by group, and one alone', async () => {
    const all = (await server.json('/functions/')) as Record<string, Described>;
    const scale = all['scale']!;
    assert.is(scale.name, 'scale');
    const grouped = (await server.json('/functions?grouped=true&pretty=1')) as Record<
      string,
      Record<string, Described>
    >;
    assert.equal(grouped[scale.group]!['scale'], scale);
    const group = (await server.json(`/functions?group=${scale.group}`)) as object;
    assert.equal(group, grouped[scale.group]);
    assert.equal(await server.json('/functions/scale?jsonp=cb'), scale);
    assert.equal(await server.json('/functions?group=nosuch'), {});
  });

  it('writes an infinite default as a number that reads back as infinity', async () => {
    const { text } = await server.ask('/functions/keepLastValue');
    assert.match(text, /"default":1e9999/);
    const { params } = JSON.parse(text) as { params: { default?: number }[] };
    assert.is(params[1]!.default, Infinity);
  });

  it('knows the pie functions apart', async () => {
    const pie = (await server.json('/functions?type=pie')) as object;
    assert.equal(Object.keys(pie), ['average', 'maximum', 'minimum']);
    assert.is((await server.ask('/functions/average')).status === 200, false);
  });

  it('answers 404 in JSON for what is none', async () => {
    for (const name of ['nosuch', '__proto__', 'constructor']) {
      const { status, text, type } = await server.ask(`/functions/${name}`);
      assert.is(status, 404);
      assert.is(type, 'application/json');
      assert.match(text, /^\{"error":"function /);
    }
  });
});
