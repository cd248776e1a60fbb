/** What is wrong, with what to do: all of it at once, for as long as it lasts, told once. */
import type { Gathered } from '../../src/health/gathered.ts';
import { ReasonWatch } from '../../src/health/reason-watch.ts';
import { type Lately, reasonsOf } from '../../src/health/reasons.ts';
import { assert, describe } from '../support/suite.ts';
import { HEALTHY } from '../model/model-store.ts';

const LATELY: Lately = {
  now: 1_700_000_000,
  isRecent: () => true,
  setBack: undefined,
  sinceDurableSeconds: 10,
  flushSeconds: 10,
  headroomBytes: 256 * 2 ** 20,
};

type Changes = { store?: object; kernelDrops?: number; graphite?: object; slow?: string };

function gathered({ store = {}, kernelDrops = 0, graphite, slow }: Changes): Gathered {
  return {
    ingest: { kernelDrops },
    store: { ...HEALTHY, ...store },
    backends: { graphite, repeaterTroubles: [] },
    slowRenders: slow,
    rejections: [],
  } as unknown as Gathered;
}

const alerts = (changes: Changes, lately: Partial<Lately> = {}): string[] =>
  reasonsOf(gathered(changes), { ...LATELY, ...lately }).map(({ alert }) => alert.slice(6));

describe('reasons', (it) => {
  it('are all at once, the gravest first, each with what to do', () => {
    const graphite = { queuedPayloads: 3, droppedPayloads: 1, gaveWayPayloads: 0, trouble: 'away' };
    const store = { state: 'failing', reason: 'the disk refuses writes', droppedFlushes: 2 };
    const all = reasonsOf(
      gathered({ store, kernelDrops: 5, graphite, slow: 'renders were slow' }),
      {
        ...LATELY,
        setBack: { seconds: 3600, agoSeconds: 20 },
      },
    );
    assert.equal(
      all.map(({ reason }) => reason),
      [
        'the disk refuses writes',
        '2 flushes could not be stored',
        'the kernel dropped 5 datagrams before tallyd read',
        'away',
        '3 flushes wait for it, 1 was dropped',
        'the clock was set back by 3600 s, 20 s ago',
        'renders were slow',
      ],
    );
    assert.equal(
      all.filter(({ todo }) => todo.length < 20),
      [],
    );
  });

  it('are none where all is well', () => {
    assert.equal(alerts({}), []);
    assert.equal(alerts({ store: { diskFreeBytes: 2 ** 40 } }), []);
  });

  it('forget losses of long ago', () => {
    const changes = { kernelDrops: 5, store: { droppedFlushes: 1 } };
    assert.equal(alerts(changes, { isRecent: () => false }), []);
  });

  it('tell a late flush, unless the store has said why', () => {
    assert.equal(alerts({}, { sinceDurableSeconds: 40 }), []);
    assert.equal(alerts({}, { sinceDurableSeconds: 41 }), ['FlushLate']);
    const behind = { state: 'behind', reason: '9 flushes wait for the disk' };
    assert.equal(alerts({ store: behind }, { sinceDurableSeconds: 99 }), ['FlushLate']);
    assert.equal(alerts({ store: { state: 'failing' } }, { sinceDurableSeconds: 99 }), [
      'StoreFailing',
    ]);
  });

  it('tell a disk that fills before it is full, and a clock past the last second', () => {
    assert.equal(alerts({ store: { diskFreeBytes: 500 * 2 ** 20 } }), ['DiskFilling']);
    assert.equal(alerts({ store: { diskFreeBytes: 512 * 2 ** 20 } }), []);
    assert.equal(alerts({ store: { reason: 'new series are refused' } }), ['DiskFilling']);
    const [past] = reasonsOf(gathered({}), { ...LATELY, now: 2 ** 32 });
    assert.match(
      past!.reason,
      /^the clock says 2106-02-07 06:28:16 UTC: times after 2106-02-07 06:28:15 UTC are not stored/,
    );
  });
});

describe('reason watch', (it) => {
  it('knows losses of the last ten minutes', () => {
    let ms = 0;
    const watch = new ReasonWatch(
      () => {},
      () => ms,
    );
    watch.count('kernelDrops', 0);
    assert.is(watch.isRecent('kernelDrops'), false);
    watch.count('kernelDrops', 5);
    assert.equal([watch.isRecent('kernelDrops'), watch.isRecent('flushes')], [true, false]);
    ms = 600_001;
    watch.count('kernelDrops', 5);
    assert.is(watch.isRecent('kernelDrops'), false);
    watch.count('kernelDrops', 6);
    assert.is(watch.isRecent('kernelDrops'), true);
  });

  it('tells the log once that something is wrong and once that it is over', () => {
    const told: string[] = [];
    const watch = new ReasonWatch(
      (level, message) => told.push(`${level} ${message}`),
      () => 0,
    );
    const drops = (count: number) =>
      ({ alert: 'TallydKernelDrops', reason: `${count} dropped`, todo: 'do it' }) as const;
    const away = { alert: 'TallydGraphiteAway', reason: 'away', todo: 'look' } as const;
    for (const reasons of [[], [drops(1)], [drops(2), away], [away], []]) watch.tell(reasons);
    assert.equal(told, ['warn 1 dropped: do it', 'info over: 2 dropped']);
  });
});
