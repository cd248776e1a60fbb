/**
 * The busiest names and prefixes of each flush, for `tallyd top`: taken from the cells that the flush
 * walks anyway, so that nothing is done for a datagram. A name costs a comparison and an addition.
 * How busy a name is: what a counter counted, samples of a timer, members of a set, 1 for a gauge.
 */
import { grown } from '../../lib/grown.ts';
import type { MetricKind } from '../../wire/ingest-messages.ts';
import type { BusyPrefix, FlushTop } from '../../wire/flush-top.ts';
import type { Metrics } from './metrics.ts';

const NAMES_MAX = 50;
const PREFIXES_MAX = 20;
/** By the KIND_* of the table. */
const KIND_NAMES: readonly MetricKind[] = ['counters', 'timers', 'gauges', 'sets'];

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class FlushTopWalk {
  /** Of the last flush that was walked whole. */
  last: FlushTop = { time: 0, seconds: 0, names: [], prefixes: [] };
  private readonly metrics: Metrics;
  /** A heap: no name is less busy than the first one. */
  private readonly ids = new Int32Array(NAMES_MAX);
  private readonly counts = new Float64Array(NAMES_MAX);
  private length = 0;
  /** By entry of the prefixes' table, with one of its names. */
  private ofPrefix = new Float64Array(64);
  private examples = new Int32Array(64);

  constructor(metrics: Metrics) {
    this.metrics = metrics;
  }

  take(id: number, count: number): void {
    if (count === 0) return;
    const entry = this.metrics.prefixes.entryOf(id);
    if (entry >= this.ofPrefix.length) this.growPrefixes(entry);
    this.ofPrefix[entry]! += count;
    this.examples[entry] = id;
    if (this.length < NAMES_MAX) this.rise(id, count);
    else if (count > this.counts[0]!) this.sink(id, count);
  }

  /** `time` of the flush, epoch seconds, and how long it counted. */
  finish(time: number, seconds: number): void {
    const names = Array.from({ length: this.length }, (_, i) => {
      const id = this.ids[i]!;
      const kind = KIND_NAMES[this.metrics.names.kindOf(id)]!; // there are four
      return { name: decoder.decode(this.metrics.keyOf(id)), kind, count: this.counts[i]! };
    });
    names.sort((a, b) => b.count - a.count);
    this.last = { time, seconds, names, prefixes: this.largestPrefixes() };
    this.length = 0;
    this.ofPrefix.fill(0);
  }

  private largestPrefixes(): BusyPrefix[] {
    const { ofPrefix } = this;
    const largest: number[] = [];
    for (let entry = 0; entry < ofPrefix.length; entry++) {
      const count = ofPrefix[entry]!;
      if (count === 0 || (largest.length === PREFIXES_MAX && count <= ofPrefix[largest.at(-1)!]!)) {
        continue;
      }
      const at = largest.findIndex((other) => ofPrefix[other]! < count);
      largest.splice(at === -1 ? largest.length : at, 0, entry);
      largest.length = Math.min(largest.length, PREFIXES_MAX);
    }
    return largest.map((entry) => {
      const { metrics } = this;
      const key = metrics.keyOf(this.examples[entry]!);
      const prefix = decoder.decode(key.subarray(0, metrics.prefixes.endIn(key)));
      return { prefix, count: ofPrefix[entry]!, names: metrics.prefixes.namesOf(entry) };
    });
  }

  private rise(id: number, count: number): void {
    const { ids, counts } = this;
    let at = this.length++;
    for (let above = (at - 1) >> 1; at > 0 && counts[above]! > count; above = (at - 1) >> 1) {
      ids[at] = ids[above]!;
      counts[at] = counts[above]!;
      at = above;
    }
    ids[at] = id;
    counts[at] = count;
  }

  /** In the place of the least busy one. */
  private sink(id: number, count: number): void {
    const { ids, counts } = this;
    let at = 0;
    for (let below = 1; below < NAMES_MAX; below = 2 * at + 1) {
      if (below + 1 < NAMES_MAX && counts[below + 1]! < counts[below]!) below += 1;
      if (counts[below]! >= count) break;
      ids[at] = ids[below]!;
      counts[at] = counts[below]!;
      at = below;
    }
    ids[at] = id;
    counts[at] = count;
  }

  private growPrefixes(entry: number): void {
    const length = Math.max(entry + 1, 2 * this.ofPrefix.length);
    this.ofPrefix = grown(this.ofPrefix, new Float64Array(length));
    this.examples = grown(this.examples, new Int32Array(length));
  }
}
