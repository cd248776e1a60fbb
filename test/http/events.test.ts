import { assert, describe } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';
import { fakeStore } from './fake-store.ts';

interface Listed {
  id: number;
  what: string;
}

describe('http events', (it) => {
  let server: TestServer;
  const store = fakeStore([]);
  it.before(async () => {
    server = await testServer(store);
  });
  it.after(() => server.close());

  const post = async (body: string, path = '/events/'): Promise<number> =>
    (await server.ask(path, { body, headers: { 'content-type': 'application/json' } })).status;
  const found = async (query: string): Promise<string[]> =>
    ((await server.json(`/events/get_data?${query}`)) as Listed[]).map(({ what }) => what);

  it('keeps what is posted and finds it by time, in time order', async () => {
    assert.is(await post(`{"what":"late","when":${NOW - 10},"tags":["a","b"]}`), 200);
    assert.is(
      await post(`{"what":"early","when":${NOW - 100.5},"tags":"a, c","data":{"x":1}}`),
      200,
    );
    assert.is(await post('{"what":"now"}', '/events'), 200);
    assert.is(await post(`{"what":"future","when":${NOW + 60}}`), 200);
    assert.equal(await found(''), ['early', 'late', 'now']);
    assert.equal(await found(`from=${NOW - 10}&until=${NOW - 10}`), ['late']);
    assert.equal(await found(`from=${NOW}&until=${NOW - 10}`), []);
    assert.equal(await found('from=undefined&until=undefined'), ['early', 'late', 'now']);
  });

  it('asks for all tags, or for one of them', async () => {
    assert.equal(await found('tags=a'), ['early', 'late']);
    assert.equal(await found('tags=a%20b'), ['late']);
    assert.equal(await found('tags=b,c'), []);
    assert.equal(await found('tags=b+c&set=union'), ['early', 'late']);
    assert.equal(await found('tags=a+nosuch&set=intersection'), []);
  });

  it('shows one event', async () => {
    assert.equal(await server.json('/events/2'), {
      id: 2,
      when: NOW - 101,
      what: 'early',
      data: '{"x":1}',
      tags: ['a', 'c'],
    });
    assert.is((await server.ask('/events/99')).status, 404);
    assert.is((await server.ask('/events/x')).status, 404);
  });

  it('goes on counting after a restart', async () => {
    const again = await testServer(store);
    const body = '{"what":"after"}';
    await again.ask('/events/', { body, headers: { 'content-type': 'application/json' } });
    assert.is(((await again.json('/events/5')) as Listed).what, 'after');
    await again.close();
  });

  it('refuses what is no event, in JSON', async () => {
    const bad = ['not json', '[]', '{}', '{"what":1}', '{"what":"x","when":"soon"}'];
    for (const body of [...bad, '{"what":"x","when":1e300}', '{"what":"x","tags":[1]}']) {
      const answer = await server.ask('/events/', { body });
      assert.is(answer.status, 400, body);
      assert.ok(/^\{"error":"[^\n]+"\}$/.test(answer.text), body);
    }
  });
});
