import { EventLog } from '../../../src/intake/event-log.ts';
import { assert, describe } from '../../support/suite.ts';
import { NOW, testServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

interface Listed {
  id: number;
}

describe('attacks: events of 64 kilobytes', (it) => {
  const long = 'x'.repeat(60_000);

  it('are kept in bytes, the last to come, also after a restart', async () => {
    const store = modelStore();
    const keeping = { seconds: 0, count: 50_000, bytes: 1_000_000 };
    const log = new EventLog(store, keeping);
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => log.add({ what: `${i}`, data: long }, NOW)),
    );
    assert.is(log.size, 16);
    assert.ok(log.bytes <= 1_000_000);
    assert.is(log.surplusDeleted, 24);
    const again = new EventLog(store, keeping);
    assert.is((await again.add({ what: 'after' }, NOW)).id, 41);
    assert.is(
      again.bytes,
      store.listRecords('events/').reduce((sum, { text }) => sum + text.length, 0),
    );
  });

  it('an old folder with too many is cut down a part at a time', async () => {
    const store = modelStore();
    const old = new EventLog(store);
    for (let i = 0; i < 400; i++) await old.add({ what: `${i}`, data: 'x'.repeat(3000) }, NOW);
    const log = new EventLog(store, { seconds: 0, count: 50_000, bytes: 100_000 });
    await log.add({ what: 'new' }, NOW);
    assert.is(log.size, 301);
    await log.prune(NOW);
    assert.ok(log.bytes <= 100_000);
    assert.is(store.listRecords('events/').length, log.size);
  });

  it('more than the disk takes at a time are refused', async () => {
    const log = new EventLog(modelStore());
    const added = Array.from({ length: 400 }, () => log.add({ what: 'x', data: long }, NOW));
    const refused = (await Promise.allSettled(added)).filter(({ status }) => status === 'rejected');
    assert.ok(refused.length > 100 && refused.length < 150);
    assert.match(String((refused[0] as PromiseRejectedResult).reason), 'faster than the disk');
  });

  it('lists come in pages', async () => {
    const store = modelStore();
    const log = new EventLog(store);
    for (let i = 1; i <= 200; i++) {
      await log.add({ what: `${i}`, when: NOW - (i % 7), data: long, tags: ['a'] }, NOW);
    }
    const server = await testServer(store);
    const seen: number[] = [];
    let path = '/events/get_data?tags=a';
    for (let pages = 0; pages < 10; pages++) {
      const { status, text, headers } = await server.ask(path);
      assert.is(status, 200);
      assert.ok(text.length < 4_300_000);
      const ids = (JSON.parse(text) as Listed[]).map(({ id }) => id);
      seen.unshift(...ids);
      const next = /^<([^>]+)>; rel="next"$/.exec(String(headers['link']))?.[1];
      assert.is(Number(headers['x-tallyd-more'] ?? 0), 200 - seen.length);
      if (next === undefined) break;
      path = next;
    }
    assert.is(new Set(seen).size, 200);
    const all = await log.find({ from: 0, until: NOW, match: 'all', now: NOW });
    assert.equal(
      seen,
      all.events.map(({ id }) => id),
    );
    const last = (await server.json('/events?limit=2')) as Listed[];
    assert.equal(
      last.map(({ id }) => id),
      seen.slice(-2),
    );
    assert.is((await server.ask('/events?before=x')).status, 400);
    await server.close();
  });

  it('a record that is no event is counted, and stops nothing', async () => {
    const store = modelStore();
    await store.putRecord('events/000000000007', 'not JSON');
    await store.putRecord('events/000000000008', '{"id":8}');
    const log = new EventLog(store);
    assert.is((await log.add({ what: 'x' }, NOW)).id, 9);
    assert.is(log.unreadable, 2);
  });
});
