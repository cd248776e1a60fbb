import { assert, describe } from '../support/suite.ts';
import { EventLog, eventLogOf } from '../../src/intake/event-log.ts';
import { NOW, testServer, type TestServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

interface Listed {
  id: number;
  what: string;
}

describe('http events', (it) => {
  let server: TestServer;
  const store = modelStore();
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
    assert.equal(await found('tags=b%20nosuch'), ['late']);
    assert.equal(await found('tags=nosuch'), []);
    assert.equal(await found('tags='), []);
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

  it('keeps events as long as it is told, also those that came late', async () => {
    const own = modelStore();
    const log = eventLogOf(own);
    const old = { what: 'old', when: NOW - 5000, tags: ['x'] };
    await log.add(old, NOW - 4000);
    await log.add({ ...old, what: 'came late' }, NOW);
    await log.add({ ...old, what: 'ahead', when: NOW + 5000 }, NOW - 4000);
    const what = async (now: number): Promise<string[]> =>
      (await log.find({ from: 0, until: NOW * 2, tags: ['x'], match: 'all', now })).events.map(
        (event) => event.what,
      );
    assert.equal(await what(NOW + 1e9), ['old', 'came late', 'ahead']);
    log.keeping = { seconds: 3600, count: 10, bytes: Infinity };
    // Not shown from then on, though nothing was deleted yet.
    assert.equal(await what(NOW - 400), ['old', 'came late', 'ahead']);
    assert.equal(await what(NOW - 399), ['came late', 'ahead']);
    assert.is(await log.get(1, NOW), undefined);
    assert.is((await log.get(2, NOW))?.what, 'came late');
    assert.is(own.listRecords('events/').length, 3);
    assert.is(await log.prune(NOW), 1);
    assert.equal(
      own.listRecords('events/').map(({ key }) => key),
      ['events/000000000002', 'events/000000000003'],
    );
    // A post does it as well.
    await log.add({ what: 'much later', tags: ['x'] }, NOW + 8000);
    assert.equal(await what(NOW + 8000), ['ahead', 'much later']);
    assert.is(own.listRecords('events/').length, 2);
    assert.is(log.surplusDeleted, 0);
  });

  it('finds many as it finds few', async () => {
    const log = eventLogOf(modelStore());
    for (let i = 1; i <= 500; i++) await log.add({ what: `e${i}`, when: i, tags: ['x'] }, NOW);
    const query = { tags: ['x'], match: 'all', now: NOW } as const;
    const few = (await log.find({ ...query, from: 100, until: 299 })).events;
    const many = (await log.find({ ...query, from: 1, until: 450 })).events;
    assert.equal([few.length, many.length], [200, 450]);
    assert.equal(many.slice(99, 299), few);
  });

  it('keeps only so many, the last to come, and counts those that go', async () => {
    const own = modelStore();
    const full = await testServer(own);
    const log = eventLogOf(own);
    for (let i = 1; i <= 5; i++) await log.add({ what: `e${i}` }, NOW);
    log.keeping = { seconds: 0, count: 2, bytes: Infinity };
    assert.is(await log.prune(NOW, 1), 1);
    await log.add({ what: 'e6' }, NOW);
    const shown = (await full.json('/events/get_data')) as Listed[];
    assert.equal(
      shown.map(({ what }) => what),
      ['e5', 'e6'],
    );
    // After a restart they are as many, and ids go on.
    const again = new EventLog(own, { seconds: 0, count: 2, bytes: Infinity });
    await again.ready();
    assert.is(again.size, 2);
    assert.is((await again.add({ what: 'e7' }, NOW)).id, 7);
    const page = (await full.ask('/metrics')).text;
    assert.match(page, /tallyd_events_surplus_deleted_total 4\n/);
    assert.match(page, /tallyd_events_kept 2\n/);
    await full.close();
  });

  it('refuses data that are nested for nothing', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    for (const [member, sentence] of [
      ['data', /\\"data\\": nested too deeply/],
      ['tags', /\\"tags\\" must be/],
      ['what', /\\"what\\": expected text/],
    ] as const) {
      const answer = await server.ask('/events/', { body: `{"what":"x","${member}":${deep}}` });
      assert.is(answer.status, 400, member);
      assert.match(answer.text, sentence);
    }
  });

  it('refuses an event that is too long', async () => {
    const answer = await server.ask('/events/', { body: `{"what":"${'x'.repeat(70_000)}"}` });
    assert.is(answer.status, 413);
    assert.match(answer.text, /event of 70\d{3} characters read, at most 65536 are kept/);
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
