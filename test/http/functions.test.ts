import { assert, describe } from '../support/suite.ts';
import { testServer, type TestServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

interface Described {
  name: string;
  group: string;
  description: string;
}

describe('http functions', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore());
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

  it('shows what Graphite does not have by name and with all=1', async () => {
    const listed = Object.keys((await server.json('/functions')) as object);
    const all = Object.keys((await server.json('/functions?all=1')) as object);
    for (const name of ['timerPercentile', 'ewma', 'pearson', 'sloErrorBudget']) {
      const one = (await server.json(`/functions/${name}`)) as Described;
      assert.ok(one.name === name && one.description.length > 20);
      assert.is(listed.includes(name), false, name);
      assert.ok(all.includes(name), name);
    }
    assert.ok(listed.length === 154 && all.length > 190, `${listed.length} of ${all.length}`);
    const grouped = (await server.json('/functions?all=1&grouped=1')) as Record<string, object>;
    assert.ok('pearson' in grouped['Transform']! && 'scale' in grouped['Transform']);
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
