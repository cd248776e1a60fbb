/**
 * The same day through tallyd: a sketch a flush and host into the embedded store, as ingest sends
 * them, and percentiles asked of it with targets.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { evaluateTargets } from '../../src/query/evaluate/evaluate.ts';
import type { Series } from '../../src/query/series/series.ts';
import { encodeInPlace } from '../../src/sketch/codec.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { type LmdbStore, openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import {
  FALLBACK_AGGREGATION,
  FALLBACK_SCHEMA,
  RetentionRules,
} from '../../src/storage/retention/rules.ts';
import { DEFAULT_SKETCHES } from '../../src/storage/retention/sketch-rules.ts';
import { dictionaryOf } from '../../src/wire/dictionary.ts';
import { MERGE_LAST } from '../../src/wire/merge.ts';
import { packBytes, packTexts } from '../../src/wire/packed-strings.ts';
import { type FlushBatch, PRODUCER_STATSD } from '../../src/wire/sample-batch.ts';
import { SKETCH_TIMER } from '../../src/wire/statistics.ts';
import { DAY, FLUSH, FLUSHES, type HostDay } from './traffic.ts';

/** Midnight; the flush that starts the day is stamped with it. */
const MIDNIGHT = 1_700_006_400;
export const NOW = MIDNIGHT + DAY - FLUSH;

export interface Filled {
  store: LmdbStore;
  /** Bytes of all encoded sketches. */
  sketchBytes: number;
  close(): Promise<void>;
}

export async function fillStore(hosts: readonly HostDay[]): Promise<Filled> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tallyd-percentiles-'));
  const store = await openLmdbStore({
    dataDir,
    rules: new RetentionRules([FALLBACK_SCHEMA], [FALLBACK_AGGREGATION]),
    mapSizeBytes: 2 ** 34,
    diskHeadroomBytes: 0,
    maxPendingFlushes: 60,
    maxSeries: 10_000,
    thread: false,
    sketches: DEFAULT_SKETCHES,
    onLog: () => {},
  });
  let sketchBytes = 0;
  for (let flush = 0; flush < FLUSHES; flush++) {
    const frame = frameOf(hosts, flush);
    sketchBytes += frame.sketches!.bytes.bytes.length;
    await store.append(frame);
  }
  return {
    store,
    sketchBytes,
    async close() {
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** The day's series of a target. */
export function render(store: LmdbStore, target: string): Promise<Series[]> {
  return evaluateTargets(store, { targets: [target], from: NOW - DAY, until: NOW, now: NOW });
}

const sketch = new Sketch();

function frameOf(hosts: readonly HostDay[], flush: number): FlushBatch {
  const timers: number[] = [];
  const bytes: Uint8Array[] = [];
  for (const [host, { values, ends: flushEnds }] of hosts.entries()) {
    const from = flush === 0 ? 0 : flushEnds[flush - 1]!;
    const to = flushEnds[flush]!;
    if (from === to) continue;
    sketch.clear();
    for (let i = from; i < to; i++) sketch.add(values[i]!);
    bytes.push(encodeInPlace(sketch).slice());
    timers.push(host);
  }
  const names = packTexts(flush === 0 ? hosts.map(({ name }) => name) : []);
  const declared = Uint32Array.from(names.ends.keys());
  return {
    producer: PRODUCER_STATSD,
    sequence: flush + 1,
    times: MIDNIGHT + flush * FLUSH,
    intervalMs: FLUSH * 1000,
    how: 'merge',
    refs: new Uint32Array(0),
    values: new Float64Array(0),
    series: {
      ...dictionaryOf(new Uint32Array(0), packTexts([]), MERGE_LAST),
      sketches: {
        refs: declared,
        kinds: new Uint8Array(declared.length).fill(SKETCH_TIMER),
        names,
      },
    },
    sketches: { refs: Uint32Array.from(timers), bytes: packBytes(bytes) },
    flush: { metricCount: timers.length, processingMs: 0 },
  };
}
