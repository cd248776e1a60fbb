import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { EventLog } from '../../src/intake/event-log.ts';
import type { Event } from '../../src/intake/event-text.ts';
import { EventsAndChecks } from '../../src/intake/events-and-checks.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { values } from '../storage/store-maker.ts';
import { assert, describe } from '../support/suite.ts';

const NOW = 1_700_000_000;
const { namespace } = DEFAULT_CONFIG.aggregation;

const allOf = async (log: EventLog): Promise<Event[]> =>
  (await log.find({ from: -Infinity, until: Infinity, match: 'all', now: NOW })).events;

describe('notices', (it) => {
  it('keeps events, and checks as gauges with an event at each change', async () => {
    const store = new MemoryStore(rulesOf({ '.': '10s:1h' }));
    const log = new EventLog(store);
    const keeper = new EventsAndChecks(store, log, namespace);
    const check = (status: number, when: number, data = '') => ({
      what: 'disk space',
      data,
      when,
      tags: ['host:a b', 'plain'],
      status,
    });
    const event = { what: 'deploy', data: 'by bob', when: undefined, tags: ['app:x, y'] };
    await keeper.take([{ ...event, status: undefined }, check(0, NOW)], NOW);
    await keeper.take(
      [check(2, NOW + 10, 'full'), check(2, NOW + 20), check(0, NOW + 30)],
      NOW + 30,
    );
    assert.equal(
      (await allOf(log)).map(({ what, when, data, tags }) => [what, when, data, tags]),
      [
        ['deploy', NOW, 'by bob', ['app:x_y']],
        ['disk space: critical', NOW + 10, 'full', ['host:a_b', 'plain', 'check']],
        ['disk space: ok', NOW + 30, '', ['host:a_b', 'plain', 'check']],
      ],
    );
    const name = 'stats.gauges.disk_space;host=a_b';
    assert.equal([...(await values(store, name, NOW - 10, NOW + 30, NOW + 30))], [0, 2, 2, 0]);
    await store.close();
  });

  it('counts what cannot be stored, and keeps what stands behind it', async () => {
    const store = new MemoryStore(rulesOf({ '.': '10s:1h' }));
    const log = new EventLog(store);
    const keeper = new EventsAndChecks(store, log, namespace);
    const event = { when: undefined, tags: [], status: undefined };
    const check = { ...event, what: 'disk', data: '', status: 1 };
    const taken = keeper.take(
      [
        { ...event, what: 'long', data: 'x'.repeat(70_000) },
        { ...event, what: 'b', data: '' },
        check,
      ],
      NOW,
    );
    assert.match(String(await taken.catch(String)), /at most 65536 are kept/);
    assert.equal(
      (await allOf(log)).map(({ what }) => what),
      ['b', 'disk: warning'],
    );
    assert.equal([...(await values(store, 'stats.gauges.disk', NOW - 10, NOW, NOW))], [1]);
    store.append = () => Promise.reject(new Error('disk'));
    await keeper.take([check, { ...check, what: 'net' }], NOW + 1).catch(() => {});
    const [rejection] = keeper.rejections();
    assert.is(rejection?.count, 3);
    assert.is(rejection?.last?.example, 'stats.gauges.net');
    await store.close();
  });

  it('keeps a bounded number of events, the newest', async () => {
    const store = new MemoryStore(rulesOf({ '.': '10s:1h' }));
    const log = new EventLog(store, { seconds: 0, count: 3, bytes: Infinity });
    for (let i = 1; i <= 5; i++) await log.add({ what: `e${i}` }, NOW + i);
    assert.equal(
      (await allOf(log)).map(({ id, what }) => [id, what]),
      [
        [3, 'e3'],
        [4, 'e4'],
        [5, 'e5'],
      ],
    );
    await store.close();
  });
});
