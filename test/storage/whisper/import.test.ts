import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { localAdmin } from '../../../src/storage/admin/local-admin.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { assert, describe } from '../../support/suite.ts';
import { recordedSeries, unpackWhisperTree } from './data-set.ts';
import { selectSeries } from './selected.ts';

/** The clock at which the data set was frozen; whoever imports it later still gets all of it. */
const FROZEN = 1_700_000_000;
const LATER = 1_900_000_000;

describe('import whisper', (it) => {
  let folder = '';
  let tree = '';
  it.before(() => void ({ folder, tree } = unpackWhisperTree()));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it('brings in every archive of every series, whatever its age', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    const progress: number[] = [];
    const summary = await importWhisper(store, tree, {
      now: LATER,
      onProgress: ({ done }) => progress.push(done),
    });
    const recorded = recordedSeries();
    const points = recorded.flatMap(({ archives }) => archives.map(({ data }) => data.length));
    assert.equal(summary, {
      files: 80,
      series: 80,
      points: points.reduce((sum, count) => sum + count),
      skipped: 0,
      before: 0,
      unnamed: 0,
      stopped: false,
      damaged: [],
      partial: [],
    });
    assert.is(progress.at(-1), 80);
    assert.is(store.allNames().length, 80);
    for (const { name, archives, aggregationMethod, xFilesFactor } of recorded) {
      const id = store.lookup(name)!.id;
      const info = store.info(id);
      assert.is(info?.aggregationMethod, aggregationMethod);
      assert.is(info?.xFilesFactor, Math.fround(xFilesFactor));
      for (const { step, points: slots, data } of archives) {
        const [fetched] = await store.fetch([id], FROZEN - step * slots, FROZEN, FROZEN);
        const found: [number, number][] = [];
        fetched?.values.forEach((value, i) => {
          if (!Number.isNaN(value)) found.push([fetched.start + i * step, value]);
        });
        const inRange = data.filter(([time]) => time > FROZEN - step * slots);
        assert.equal(found, inRange, `${name} at ${step} s`);
      }
    }
  });

  it('can be run again, or pass by what is there', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    const first = await importWhisper(store, tree, { now: LATER });
    const second = await importWhisper(store, tree, { now: LATER });
    assert.equal(second, first);
    assert.is(store.allNames().length, 80);
    const third = await importWhisper(store, tree, { now: LATER, skipExisting: true });
    assert.is(third.skipped, 80);
    assert.is(third.series, 0);
  });

  it('reports damaged files one by one and goes on', async () => {
    const other = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-damaged-'));
    try {
      const good = fs.readFileSync(path.join(tree, 'toplevel.wsp'));
      fs.mkdirSync(path.join(other, '_tagged/abc/def'), { recursive: true });
      fs.writeFileSync(path.join(other, 'good.wsp'), good);
      fs.writeFileSync(path.join(other, 'short.wsp'), good.subarray(0, 5000));
      fs.writeFileSync(path.join(other, 'empty.wsp'), '');
      fs.writeFileSync(path.join(other, `_tagged/abc/def/${'0f'.repeat(32)}.wsp`), good);
      const store = new MemoryStore(DEFAULT_RULES);
      const lines: string[] = [];
      const summary = await importWhisper(store, other, {
        now: LATER,
        onDamaged: ({ file, reason }) => lines.push(`${file}: ${reason}`),
      });
      assert.equal([summary.series, summary.unnamed], [1, 1]);
      assert.equal(store.allNames(), ['good']);
      assert.equal(lines.sort(), [
        'empty.wsp: not a whisper file: 0 bytes, expected a header of 16',
        'short.wsp: not a whisper file: 5000 bytes, expected 34588 for archive 1: cut short',
      ]);
    } finally {
      fs.rmSync(other, { recursive: true });
    }
  });

  it('tells series that the store may not hold, or has with other archives', async () => {
    const small = new MemoryStore(DEFAULT_RULES, { maxSeries: 10 });
    const summary = await importWhisper(small, tree, { now: LATER });
    assert.is(summary.series, 10);
    assert.is(summary.damaged.length, 70);
    assert.match(summary.damaged[0]!.reason, 'as many series as it may hold');

    const store = new MemoryStore(DEFAULT_RULES);
    const info = { aggregationMethod: 'sum', xFilesFactor: 0 } as const;
    const archives = [
      { step: 10, points: 10 },
      { step: 60, points: 20 },
    ];
    await store.importSeries({ name: 'toplevel', archives, ...info }, []);
    const { partial, series } = await importWhisper(store, tree, { now: LATER });
    assert.is(series, 80);
    assert.equal(partial, [
      {
        file: 'toplevel.wsp',
        reason:
          'holds 1m:2d, its series is there with 10s:100s,1m:20m: filled where steps are the same',
      },
    ]);
    assert.equal(store.info(store.lookup('toplevel')!.id)?.archives, archives);
  });

  it.slow('goes on where it was stopped, and takes files again that changed since', async () => {
    const many = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-many-'));
    try {
      const bytes = writeWhisper({
        archives: [{ step: 60, points: 2 }],
        aggregationMethod: 'sum',
        xFilesFactor: 0,
        data: [
          { step: 60, times: Float64Array.of(FROZEN - (FROZEN % 60)), values: Float64Array.of(1) },
        ],
      });
      const names = Array.from({ length: 1500 }, (_, i) => `s${String(i).padStart(4, '0')}`);
      for (const name of names) fs.writeFileSync(path.join(many, `${name}.wsp`), bytes);
      const started = Math.floor(Date.now() / 1000) + 3600;
      const store = new MemoryStore(DEFAULT_RULES);
      const { importSeries } = store;
      let taken = 0;
      store.importSeries = async (...given) => {
        if (++taken > 1300) throw new UserError('storeBusy', 'the power went');
        return importSeries.apply(store, given);
      };
      const stopped = await importWhisper(store, many, { now: started }).then(
        () => undefined,
        (error: UserError) => error.message,
      );
      assert.is(stopped, 'the power went');
      store.importSeries = importSeries;
      fs.utimesSync(path.join(many, 's0003.wsp'), started + 5, started + 5);
      const rest = await importWhisper(store, many, { now: started + 100 });
      assert.is(rest.before + rest.series, 1500);
      assert.ok(rest.before >= 1024 && rest.before <= 1300, `${rest.before}`);
      assert.equal(store.allNames(), names);
      const whole = await importWhisper(store, many, { now: started + 200 });
      assert.equal([whole.before, whole.series], [0, 1500], 'a complete one is begun anew');
    } finally {
      fs.rmSync(many, { recursive: true });
    }
  });

  it('begins anew when it is told to', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    const admin = localAdmin(store, 'memory');
    const hash = createHash('sha256').update(fs.realpathSync(tree)).digest('hex');
    const key = `import-whisper/${hash}`;
    const note = JSON.stringify({ started: LATER, through: 'zzz' });
    await admin.putNote({ key, text: note });
    const none = await importWhisper(admin, tree, { now: LATER });
    assert.equal([none.before, none.series], [80, 0]);
    await admin.putNote({ key, text: note });
    const all = await importWhisper(admin, tree, { now: LATER, restart: true });
    assert.equal([all.before, all.series], [0, 80]);
    assert.is((await admin.note({ key })).text, undefined);
  });

  it('lets errors of the store through', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    store.importSeries = async () => {
      throw new UserError('storeBusy', 'the disk is full');
    };
    let thrown: unknown;
    await importWhisper(store, tree, { now: LATER }).catch((error: unknown) => (thrown = error));
    assert.instance(thrown, UserError);
  });
});

describe('export whisper', (it) => {
  let folder = '';
  let tree = '';
  const store = new MemoryStore(DEFAULT_RULES);
  it.before(async () => {
    ({ folder, tree } = unpackWhisperTree());
    await importWhisper(store, tree, { now: LATER });
  });
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it('writes what was imported, file by file', async () => {
    const out = path.join(folder, 'out');
    const summary = await exportWhisper(store, selectSeries(store, '**'), out);
    assert.is(summary.series, 80);
    assert.equal(summary.refused, []);
    assert.equal(findWhisperFiles(out), findWhisperFiles(tree));
    for (const file of findWhisperFiles(tree)) {
      const [before, after] = [tree, out].map((root) =>
        readWhisper(fs.readFileSync(path.join(root, file))),
      );
      assert.equal(after, before, file);
      const sizes = [tree, out].map((root) => fs.statSync(path.join(root, file)).size);
      assert.is(sizes[1], sizes[0]);
    }
    const again = await exportWhisper(store, selectSeries(store, 'app.*'), out);
    assert.is(again.series, 0);
    assert.match(again.refused[0]!.reason, 'is there already');
    const series = selectSeries(store, 'app.*');
    const over = await exportWhisper(store, series, out, { overwrite: true });
    assert.is(over.series, series.length);
    assert.equal(
      fs.readdirSync(path.join(out, 'app')).filter((name) => !name.endsWith('.wsp')),
      [],
    );
  });

  it('reads up to the newest time that the store knows of', async () => {
    const out = path.join(folder, 'newest');
    const knowing = Object.assign(Object.create(store) as MemoryStore, {
      newestTimes: () => [FROZEN],
    });
    const series = selectSeries(store, 'toplevel');
    const { points } = await exportWhisper(knowing, series, out);
    assert.ok(points > 0);
  });

  it('selects by the name before the tags', () => {
    const names = (glob: string): string[] => selectSeries(store, glob).map(({ name }) => name);
    assert.is(names('**').length, 80);
    assert.is(names('disk.*').length, 4);
    assert.equal(names('cpu.load;server=web01;env=prod;datacenter=dc1'), [
      'cpu.load;datacenter=dc1;env=prod;server=web01',
    ]);
    assert.equal(names('both.*'), ['both.node']);
    assert.equal(names('nosuch'), []);
  });
});
