/**
 * Collects one flush into the columns of a SampleBatch (wire/sample-batch.ts). Its buffers are kept
 * between flushes; the finished batch is copied once, into memory that goes through all threads.
 */
import { grown } from '../../lib/grown.ts';
import { type BatchMemory, copied } from '../../wire/batch-memory.ts';
import { StringPacker } from '../../wire/packed-strings.ts';
import { type FlushBatch, PRODUCER_STATSD } from '../../wire/sample-batch.ts';
import { MERGE_LAST } from '../../wire/merge.ts';
import { NO_TIMER, type SketchKind, STAT_NONE } from '../../wire/statistics.ts';
import type { NameWriter } from '../protocol/statsd/sanitize.ts';

export class BatchBuilder {
  private readonly memory: BatchMemory | undefined;
  private refs = new Uint32Array(1024);
  private values = new Float64Array(1024);
  private repeated = new Uint8Array(1024);
  /** Whether what is put next is nobody's sample: a gauge of before, or a 0. */
  isRepeat = false;
  private length = 0;
  private declared = new Uint32Array(256);
  private readonly names = new StringPacker(256, 8192);
  private merges = new Uint8Array(256);
  private stats = new Uint8Array(256);
  private arguments = new Float64Array(256);
  private timers = new Uint32Array(256);
  private retired = new Uint32Array(64);
  private retiredCount = 0;
  private declaredSketches: number[] = [];
  private sketchKinds: number[] = [];
  private readonly sketchNames = new StringPacker();
  private sketchRefs: number[] = [];
  private readonly sketches = new StringPacker();

  /** Without shared memory every batch has its own. */
  constructor(memory?: BatchMemory) {
    this.memory = memory;
  }

  put(ref: number, value: number): void {
    if (this.length === this.refs.length) {
      this.refs = grown(this.refs, new Uint32Array(this.length * 2));
      this.values = grown(this.values, new Float64Array(this.length * 2));
      this.repeated = grown(this.repeated, new Uint8Array(this.length * 2));
    }
    this.refs[this.length] = ref;
    this.values[this.length] = value;
    this.repeated[this.length] = this.isRepeat ? 1 : 0;
    this.length += 1;
  }

  /** The name of a series that appears for the first time; what it is, by `describe` after it. */
  declare(ref: number, name: NameWriter): void {
    const { count } = this.names;
    if (count === this.declared.length) this.growDeclared();
    this.names.add(name.bytes, name.length);
    this.declared[count] = ref;
    this.merges[count] = MERGE_LAST;
    this.stats[count] = STAT_NONE;
    this.arguments[count] = 0;
    this.timers[count] = NO_TIMER;
  }

  /** Completes the series that was declared last. */
  describe(merge: number, stat = STAT_NONE, argument = 0, timer = NO_TIMER): void {
    const last = this.names.count - 1;
    this.merges[last] = merge;
    this.stats[last] = stat;
    this.arguments[last] = argument;
    this.timers[last] = timer;
  }

  retire(ref: number): void {
    if (this.retiredCount === this.retired.length) {
      this.retired = grown(this.retired, new Uint32Array(this.retiredCount * 2));
    }
    this.retired[this.retiredCount++] = ref;
  }

  /** The base name of a timer or set whose sketches appear for the first time. */
  declareSketch(timer: number, kind: SketchKind, name: NameWriter): void {
    this.sketchNames.add(name.bytes, name.length);
    this.declaredSketches.push(timer);
    this.sketchKinds.push(kind);
  }

  putSketch(timer: number, bytes: Uint8Array): void {
    this.sketches.add(bytes);
    this.sketchRefs.push(timer);
  }

  finish(
    head: Pick<FlushBatch, 'sequence' | 'times' | 'intervalMs'> & FlushBatch['flush'],
  ): FlushBatch {
    const { sequence, times, intervalMs, metricCount, processingMs } = head;
    const { count } = this.names;
    const here: FlushBatch = {
      producer: PRODUCER_STATSD,
      sequence,
      times,
      intervalMs,
      how: 'merge',
      refs: this.refs.subarray(0, this.length),
      values: this.values.subarray(0, this.length),
      repeated: this.repeated.subarray(0, this.length),
      series: {
        isReset: false,
        refs: this.declared.subarray(0, count),
        names: this.names.take(),
        merges: this.merges.subarray(0, count),
        stats: this.stats.subarray(0, count),
        arguments: this.arguments.subarray(0, count),
        timers: this.timers.subarray(0, count),
        retired: this.retired.subarray(0, this.retiredCount),
        sketches: {
          refs: Uint32Array.from(this.declaredSketches),
          kinds: Uint8Array.from(this.sketchKinds),
          names: this.sketchNames.take(),
        },
      },
      sketches: { refs: Uint32Array.from(this.sketchRefs), bytes: this.sketches.take() },
      flush: { metricCount, processingMs },
    };
    const batch = this.memory === undefined ? copied(here) : this.memory.share(here);
    this.length = this.retiredCount = 0;
    this.declaredSketches = [];
    this.sketchKinds = [];
    this.sketchRefs = [];
    return batch;
  }

  private growDeclared(): void {
    const size = this.declared.length * 2;
    this.declared = grown(this.declared, new Uint32Array(size));
    this.merges = grown(this.merges, new Uint8Array(size));
    this.stats = grown(this.stats, new Uint8Array(size));
    this.arguments = grown(this.arguments, new Float64Array(size));
    this.timers = grown(this.timers, new Uint32Array(size));
  }
}
