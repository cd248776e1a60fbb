/**
 * A sketch on disk that nothing can read (whose record's checksum is right) costs its slot of its
 * timer: no request, and none of the 28 timers that share the record.
 */
import fs from 'node:fs';
import { decodeSketch, encodeSketch } from '../../../src/sketch/codec.ts';
import { beginBytes, finishBytes, putByte } from '../../../src/sketch/bytes.ts';
import { encodeDistinct } from '../../../src/sketch/distinct-codec.ts';
import { DistinctSketch } from '../../../src/sketch/distinct.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { mergeOnto, readOnto } from '../../../src/query/series/distribution.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { ColumnBuilder } from '../../../src/query/series/sketch-column.ts';
import { verifyFolder } from '../../../src/storage/lmdb/check/verify-folder.ts';
import { bind, unbind } from '../../../src/storage/lmdb/db/bound-record.ts';
import { databaseOf, openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { SketchMerger } from '../../../src/storage/ring/sketches/sketch-merge.ts';
import {
  BUNDLE_PARTS_MAX,
  encodeBundle,
  SketchBundle,
} from '../../../src/storage/ring/sketches/sketch-record.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { timerFrame } from '../../support/timer-frame.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000;
const MAP_BYTES = 2 ** 30;

function timerOf(values: number[]): Uint8Array {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return encodeSketch(sketch);
}

function setOf(members: string): Uint8Array {
  const sketch = new DistinctSketch();
  for (const member of members) sketch.add(Buffer.from(member));
  return encodeDistinct(sketch);
}

/** The bytes without the last ones of what they say, with a checksum that is right. */
function broken(bytes: Uint8Array): Uint8Array {
  beginBytes();
  for (const byte of bytes.subarray(0, -7)) putByte(byte);
  return finishBytes().slice();
}

/** A record of `srow` as its readers know it. */
function bundleAt(key: Uint8Array, record: Uint8Array): SketchBundle {
  return SketchBundle.read(unbind(key, Uint8Array.from(record), 0)!)!;
}

function seriesOf(kind: 'timer' | 'set', slots: Uint8Array[]): Series {
  const column = new ColumnBuilder(slots.length);
  for (const slot of slots) column.copy(slot);
  const values = new Float64Array(slots.length).fill(1);
  const sketches = column.finish();
  const times = { start: NOW, step: 10, end: NOW + slots.length * 10 };
  return { name: 'x', ...times, values, distribution: { kind, sketches } } as unknown as Series;
}

describe('a sketch that nobody can read', (it) => {
  it('costs its slot in what is merged from many', async () => {
    const pause = (): Promise<void> => Promise.resolve();
    const many = timerOf(Array.from({ length: 200 }, (_, i) => 1.1 ** i));
    const grid = { start: NOW, step: 10, count: 3 };
    const timers = seriesOf('timer', [timerOf([1, 2]), broken(many), timerOf([3])]);
    const other = seriesOf('timer', [many, timerOf([5]), many]);
    const counts = await readOnto(grid, [timers, other], { kind: 'timer' }, pause);
    assert.equal([...counts], [202, 1, 201]);
    const sets = seriesOf('set', [setOf('ab'), broken(setOf('abc')), setOf('c')]);
    const whole = { start: NOW, step: 30, count: 1 };
    const { values } = await mergeOnto(whole, [sets], { kind: 'set' }, pause);
    assert.equal([...values], [3]);
  });

  it('leaves nothing of itself in what the archives merge', () => {
    const merger = new SketchMerger();
    const many = timerOf(Array.from({ length: 200 }, (_, i) => 1.1 ** i));
    const merged = merger.mergeTimers([timerOf([1]), broken(many), timerOf([2])]);
    assert.equal([merged.count, merged.total, merged.sum, merged.max], [2, 2, 3, 2]);
    assert.is(merger.damaged, 1);
  });

  it('is told by verify, and repair drops it alone', async () => {
    const dataDir = temporaryFolder();
    try {
      const store = await openIn(dataDir, rulesOf({ '': '10s:30m' }));
      for (let flush = 1; flush <= 3; flush++) {
        const timers = { 'timer.a': [flush], 'timer.b': [2], 'timer.c': [3, 4] };
        await store.append(timerFrame(NOW + flush * 10, timers));
      }
      await store.close();
      const environment = openEnvironment(dataDir, MAP_BYTES);
      const rows = databaseOf(environment, 'srow');
      const [{ key, value }] = [...rows.getRange({ limit: 1 })] as [
        { key: Uint8Array; value: Uint8Array },
      ];
      const place = Uint8Array.from(key);
      const bundle = bundleAt(place, value);
      const parts = Array.from({ length: BUNDLE_PARTS_MAX }, (_, i) => bundle.part(i));
      parts[1] = broken(parts[1]!);
      const record = encodeBundle(bundle.number, parts);
      bind(place, record, 0);
      rows.putSync(place, record);
      await environment.root.close();
      const faults: string[] = [];
      const found = await verifyFolder(dataDir, {
        mapSizeBytes: MAP_BYTES,
        onFault: ({ what, loss }) => void faults.push(`${what}; ${loss}`),
        onLeft: ({ what }) => assert.unreachable(what),
        onProgress: () => {},
        onVerified: () => true,
      });
      assert.is(faults.length, 1);
      assert.match(
        faults[0]!,
        /^sketch 1: not a sketch: .*; the sketch of column 1 at 2023-11-14T/,
      );
      assert.equal([found.repaired!.dropped, found.repaired!.mended], [0, 1]);
      const after = openEnvironment(dataDir, MAP_BYTES);
      const left = bundleAt(place, databaseOf(after, 'srow').get(place) as Uint8Array);
      await after.root.close();
      assert.is(left.part(1), undefined);
      assert.is(decodeSketch(left.part(0)!).count, 1);
      assert.is(decodeSketch(left.part(2)!).count, 2);
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  });
});
