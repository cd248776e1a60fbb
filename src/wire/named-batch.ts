/**
 * Fills sample batches for producers that have names as texts: a name gets a ref when it first
 * comes, and crosses with the batch in which it does. The last write of a slot wins.
 *
 *     const batch = new NamedBatch(PRODUCER_CHECKS);
 *     batch.put(batch.refOf('checks.disk'), time, value);
 *     store.append(batch.finish(), now);
 */
import { dictionaryOf } from './dictionary.ts';
import { MERGE_POINT } from './merge.ts';
import { packTexts } from './packed-strings.ts';
import type { SampleBatch } from './sample-batch.ts';

/** Names that are remembered; with more of them refs start over. */
const NAMES_MAX = 2 ** 20;

export class NamedBatch {
  /** Grows when refs start over: those of before stand for nothing any more. */
  generation = 0;
  private readonly producer: number;
  private readonly namesMax: number;
  private readonly known = new Map<string, number>();
  private declared: string[] = [];
  private isReset = true;
  private sequence = 0;
  private refs: number[] = [];
  private times: number[] = [];
  private values: number[] = [];

  constructor(producer: number, namesMax = NAMES_MAX) {
    this.producer = producer;
    this.namesMax = namesMax;
  }

  get length(): number {
    return this.refs.length;
  }

  refOf(name: string): number {
    let ref = this.known.get(name);
    if (ref === undefined) {
      ref = this.known.size;
      this.known.set(name, ref);
      this.declared.push(name);
    }
    return ref;
  }

  /** Undefined when refs have started over since. Slow: for examples. */
  nameOf(ref: number): string | undefined {
    for (const [name, known] of this.known) if (known === ref) return name;
    return undefined;
  }

  /** `time` in epoch seconds. */
  put(ref: number, time: number, value: number): void {
    this.refs.push(ref);
    this.times.push(time);
    this.values.push(value);
  }

  /** What was put since the last batch. */
  finish(): SampleBatch {
    const { producer, declared, isReset } = this;
    const first = this.known.size - declared.length;
    const declaredRefs = Uint32Array.from(declared, (_, i) => first + i);
    const batch: SampleBatch = {
      producer,
      sequence: ++this.sequence,
      series: dictionaryOf(declaredRefs, packTexts(declared), MERGE_POINT, isReset),
      refs: Uint32Array.from(this.refs),
      values: Float64Array.from(this.values),
      times: Float64Array.from(this.times),
      intervalMs: 0,
      how: 'overwrite',
    };
    this.refs = [];
    this.times = [];
    this.values = [];
    this.declared = [];
    this.isReset = this.known.size > this.namesMax;
    if (this.isReset) {
      this.known.clear();
      this.generation += 1;
    }
    return batch;
  }
}
