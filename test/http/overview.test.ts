import { counter, gauge } from '../../src/health/own-metric.ts';
import { SlowRenders } from '../../src/http/slow-renders.ts';
import { atOnce } from '../../src/lib/in-steps.ts';
import { Catalogue } from '../../src/storage/index/catalogue.ts';
import { assert, describe } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { points } from '../support/points.ts';
import { NOW, REPORT, testServer } from './client.ts';

interface Shown {
  what: string;
  reason?: string;
  total?: number;
  perSecond?: number;
  value?: number;
  target: string;
  hint?: string;
}

describe('http overview', (it) => {
  it('answers each figure with its rate and what draws it', async () => {
    const names = ['stats.timers.shop.pay.mean', 'stats.timers.shop.pay.upper', 'web.a', 'web.b'];
    const store = modelStore({ names });
    const received = 'tallyd.metrics.received';
    const times = [NOW - 180, NOW - 120, NOW - 60];
    await store.append(
      points(
        times.map(() => received),
        times,
        [100, 700, 60],
      ),
      NOW,
    );
    const by = (kind: string) => ({
      ...gauge('metrics.by_kind', 'By kind.', 7),
      series: `tallyd.metrics.by_kind.${kind}`,
      labels: { kind },
    });
    const listener = {
      ...counter('listeners.packets', 'By listener.', 5),
      series: 'tallyd.l.packets',
    };
    const server = await testServer(store, {
      health: async () => ({
        ...REPORT,
        receive: {
          ...REPORT.receive,
          kernelDrops: 3,
          sources: [{ sender: '10.0.0.1', metrics: 4 }],
        },
        refusals: [
          { what: 'lines.bad', reason: 'noType', count: 2, hint: 'add |c' },
          { what: 'lines.mistaken', reason: 'http', count: 2 },
        ],
        listeners: [{ name: 'statsd udp', address: '::8125', packets: 5, series: listener.series }],
      }),
      selfMetrics: async () => [
        counter('metrics.received', 'StatsD samples counted.', 760),
        by('counters'),
        listener,
      ],
    });
    try {
      const overview = (await server.json('/overview')) as {
        well: { status: string };
        incoming: Shown[];
        kinds: Shown[];
        listeners: Shown[];
        rejected: Shown[];
        noticed: Shown[];
        senders: { known: unknown };
        names: { prefixes: unknown; series: number };
        recent: unknown[];
        disk: { fileBytes: number };
        slowRenders: unknown[];
      };
      assert.is(overview.well.status, 'ok');
      assert.equal(overview.incoming, [
        {
          what: 'StatsD samples counted.',
          total: 760,
          perSecond: (600 + 60) / 120,
          target: `perSecond(${received})`,
        },
      ]);
      assert.equal(overview.kinds, [
        { what: 'counters', value: 7, target: 'tallyd.metrics.by_kind.counters' },
      ]);
      assert.equal(overview.listeners, [
        { what: 'statsd udp', total: 5, target: 'perSecond(tallyd.l.packets)', address: '::8125' },
      ]);
      assert.equal(
        overview.rejected.map(({ what, reason, total }) => [what, reason, total]),
        [
          ['datagrams', 'dropped', 3],
          ['lines.bad', 'noType', 2],
        ],
      );
      assert.is(overview.rejected[1]!.target, 'perSecond(tallyd.lines.bad.noType)');
      assert.is(overview.rejected[1]!.hint, 'add |c');
      assert.is(overview.rejected[0]!.target, 'perSecond(tallyd.datagrams.dropped)');
      assert.equal(
        overview.noticed.map(({ what }) => what),
        ['lines.mistaken'],
      );
      assert.equal(overview.senders.known, [{ sender: '10.0.0.1', metrics: 4 }]);
      assert.equal(overview.names.prefixes, [
        { prefix: 'stats.timers.shop.pay', series: 2, find: 'stats.timers.shop.pay.*' },
        { prefix: 'web', series: 2, find: 'web.*' },
        { prefix: 'tallyd.metrics', series: 1, find: 'tallyd.metrics.*' },
      ]);
      assert.is(overview.disk.fileBytes, REPORT.store.fileBytes);
    } finally {
      await server.close();
    }
  });
});

describe('prefixes of names', (it) => {
  it('are as deep as they do not fan out, the largest first', () => {
    const catalogue = new Catalogue();
    let id = 0;
    const add = (name: string): void => catalogue.insert(name, id++);
    for (let host = 0; host < 100; host++) {
      for (const what of ['cpu', 'load']) add(`servers.h${host}.${what}`);
    }
    for (let i = 0; i < 50; i++) add(`stats.timers.shop.m${i}.mean`);
    add('alone');
    assert.equal(atOnce(catalogue.listingPrefixes(10)), [
      { prefix: 'servers', series: 200 },
      { prefix: 'stats.timers.shop', series: 50 },
      { prefix: 'alone', series: 1 },
    ]);
    assert.equal(atOnce(catalogue.listingPrefixes(1)).length, 1);
  });
});

describe('new names', (it) => {
  it('are told by what they stand under, the newest first', () => {
    const catalogue = new Catalogue();
    for (const stat of ['mean', 'upper']) catalogue.noteNew(`stats.timers.pay.${stat}`, 10);
    catalogue.noteNew('disk;host=a', 20);
    catalogue.noteNew('disk;host=b', 30);
    assert.equal(catalogue.newNames(), [
      { path: 'disk', count: 2, example: 'disk;host=b', time: 30 },
      { path: 'stats.timers.pay', count: 2, example: 'stats.timers.pay.upper', time: 10 },
    ]);
    for (let i = 0; i < 500; i++) catalogue.noteNew(`a${i}.b`, 40);
    assert.is(catalogue.newNames().length, 50);
  });
});

describe('slow renders', (it) => {
  const asked = (target: string) => ({ targets: [target], from: 0, until: 60, reader: '' });

  it('are the slowest of a day, each once, with why they were refused', () => {
    const slow = new SlowRenders();
    slow.note(asked('quick'), 10, NOW);
    for (let i = 0; i < 100; i++) slow.note(asked(`t${i}`), 100 + i, NOW);
    slow.note(asked('t99'), 90, NOW);
    slow.note(asked('x'.repeat(1000)), 5000, NOW, 'too much');
    const list = slow.list(NOW, '');
    assert.is(list.length, 20);
    assert.equal(
      [list[0]!.ms, list[0]!.refused, list[0]!.targets[0]!.length],
      [5000, 'too much', 500],
    );
    assert.equal([list[1]!.targets, list[1]!.ms], [['t99'], 199]);
    assert.equal(slow.list(NOW + 86_400, ''), []);
  });
});
