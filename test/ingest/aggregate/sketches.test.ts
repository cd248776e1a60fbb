/** Sketches that cross in flushes: of timers and of sets, under their base names. */
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { decodeDistinct } from '../../../src/sketch/distinct-codec.ts';
import { bytesAt, textsOf } from '../../../src/wire/packed-strings.ts';
import type { FlushBatch } from '../../../src/wire/sample-batch.ts';
import { SKETCH_SET, SKETCH_TIMER, STAT_DISTINCT } from '../../../src/wire/statistics.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { makeAggregator, send } from './make.ts';

/** Born sketches as [number, kind, name]. */
function bornIn(frame: FlushBatch): [number, number, string][] {
  const { refs, kinds, names } = frame.series.sketches!;
  return textsOf(names).map((name, i) => [refs[i]!, kinds[i]!, name]);
}

/** Encoded sketches by number of timer. */
function sketchesIn(frame: FlushBatch): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const { refs, bytes } = frame.sketches!;
  refs.forEach((timer, i) => found.set(timer, bytesAt(bytes, i)));
  return found;
}

describe('sketches in frames', (it) => {
  it('name timers and sets once, and cross when there is something to count', () => {
    const aggregator = makeAggregator({}, true);
    const names = new Map<number, string>();
    send(aggregator, 'api:3|ms\napi:5|ms\nusers:joe|s\nusers:ann|s\nusers:joe|s\nhits:1|c');
    const first = flushOf(aggregator, 10, names).frame;
    const born = bornIn(first);
    const named = born.map(([, kind, name]) => [kind, name]);
    assert.equal(named, [
      [SKETCH_TIMER, 'stats.timers.api'],
      [SKETCH_SET, 'stats.sets.users'],
    ]);
    const [timer, set] = born.map(([number]) => number) as [number, number];
    assert.is(decodeSketch(sketchesIn(first).get(timer)!).sum, 8);
    assert.is(decodeDistinct(sketchesIn(first).get(set)!).estimate(), 2);
    const at = [...first.series.stats].indexOf(STAT_DISTINCT);
    assert.is(names.get(first.series.refs[at]!), 'stats.sets.users.count');
    assert.is(first.series.timers[at], set);
    const idle = flushOf(aggregator, 20, names).frame;
    assert.equal([bornIn(idle).length, sketchesIn(idle).size], [0, 0]);
    send(aggregator, 'users:kim|s');
    const third = flushOf(aggregator, 30, names).frame;
    assert.equal([...third.sketches!.refs], [set]);
    assert.is(decodeDistinct(sketchesIn(third).get(set)!).estimate(), 1);
  });

  it('base names carry global prefix, suffix and tags', () => {
    const namespace = {
      ...DEFAULT_CONFIG.aggregation.namespace,
      legacy: false as const,
      globalPrefix: 'top',
      globalSuffix: 'end',
    };
    const aggregator = makeAggregator({ namespace }, true);
    send(aggregator, 'api;env=prod:3|ms\nusers:joe|s|#b:2,a:1');
    const { frame, values } = flushOf(aggregator, 10, new Map());
    assert.ok(values.has('top.timers.api.upper.end;env=prod'));
    assert.equal(
      bornIn(frame).map(([, , name]) => name),
      ['top.timers.api.end;env=prod', 'top.sets.users.end;a=1;b=2'],
    );
  });

  it('follow a reload', () => {
    const aggregator = makeAggregator({}, false);
    const names = new Map<number, string>();
    const flush = (time: number) => {
      send(aggregator, 'a:1|ms\nb:x|s');
      return flushOf(aggregator, time, names).frame;
    };
    assert.is(flush(10).sketches!.refs.length, 0);
    aggregator.reconfigure(DEFAULT_CONFIG.aggregation, true);
    const on = flush(20);
    assert.equal([bornIn(on).length, sketchesIn(on).size], [2, 2]);
    aggregator.reconfigure(DEFAULT_CONFIG.aggregation, false);
    assert.is(flush(30).sketches!.refs.length, 0);
    aggregator.reconfigure(DEFAULT_CONFIG.aggregation, true);
    const again = flush(40);
    assert.equal([bornIn(again).length, sketchesIn(again).size], [0, 2]);
  });

  it('of a set with many members are gathered in slices', () => {
    const aggregator = makeAggregator({}, true);
    for (let i = 0; i < 20_000; i += 50) {
      const members = Array.from({ length: 50 }, (_, j) => `big:m${i + j}|s`);
      send(aggregator, members.join('\n'));
    }
    send(aggregator, 'small:one|s');
    aggregator.beginFlush(10);
    let slices = 1;
    let frame = aggregator.continueFlush(0, () => 0);
    for (; frame === undefined; slices++) frame = aggregator.continueFlush(0, () => 0);
    assert.ok(slices > 5, `${slices} slices`);
    const sketches = [...sketchesIn(frame).values()].map((bytes) => decodeDistinct(bytes));
    assert.is(sketches.length, 2);
    const counted = sketches[0]!.estimate();
    assert.ok(Math.abs(counted - 20_000) < 600, `${counted} of 20000`);
    assert.is(sketches[1]!.estimate(), 1);
  });
});
