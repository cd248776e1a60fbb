/**
 * Collects one flush into the columns of a FlushFrame (wire/sample-batch.ts). Its buffers are kept between
 * flushes; the finished frame gets copies of exactly the length used, fit for transfer.
 */
import { grown } from '../../lib/grown.ts';
import type { FlushFrame } from '../../wire/sample-batch.ts';
import { MERGE_LAST } from '../../wire/merge.ts';
import { NO_TIMER, type SketchKind, STAT_NONE } from '../../wire/statistics.ts';
import type { NameWriter } from '../protocol/statsd/sanitize.ts';

export class FrameBuilder {
  private ids = new Uint32Array(1024);
  private values = new Float64Array(1024);
  private length = 0;
  private bornIds = new Uint32Array(256);
  private bornEnds = new Uint32Array(256);
  private bornMerge = new Uint8Array(256);
  private bornStat = new Uint8Array(256);
  private bornArgument = new Float64Array(256);
  private bornTimer = new Uint32Array(256);
  private bornCount = 0;
  private bornNames = new Uint8Array(8192);
  private bornBytes = 0;
  private dead = new Uint32Array(64);
  private deadCount = 0;
  private readonly bornSketches: number[] = [];
  private readonly bornSketchKinds: number[] = [];
  private readonly bornSketchEnds: number[] = [];
  private bornSketchNames = new Uint8Array(1024);
  private bornSketchBytes = 0;
  private sketchTimers: number[] = [];
  private sketchEnds: number[] = [];
  private sketchBytes = new Uint8Array(1024);
  private sketchLength = 0;

  put(id: number, value: number): void {
    if (this.length === this.ids.length) {
      this.ids = grown(this.ids, new Uint32Array(this.length * 2));
      this.values = grown(this.values, new Float64Array(this.length * 2));
    }
    this.ids[this.length] = id;
    this.values[this.length] = value;
    this.length += 1;
  }

  /** The name of a series that appears for the first time; what it is, by `describe` after it. */
  bear(id: number, name: NameWriter): void {
    const count = this.bornCount;
    if (count === this.bornIds.length) this.growBorn();
    const end = this.bornBytes + name.length;
    if (end > this.bornNames.length) {
      this.bornNames = grown(this.bornNames, new Uint8Array(Math.max(end, this.bornBytes * 2)));
    }
    for (let i = 0; i < name.length; i++) this.bornNames[this.bornBytes + i] = name.bytes[i]!;
    this.bornBytes = end;
    this.bornIds[count] = id;
    this.bornEnds[count] = end;
    this.bornMerge[count] = MERGE_LAST;
    this.bornStat[count] = STAT_NONE;
    this.bornArgument[count] = 0;
    this.bornTimer[count] = NO_TIMER;
    this.bornCount = count + 1;
  }

  /** Completes the series that was born last. */
  describe(merge: number, stat = STAT_NONE, argument = 0, timer = NO_TIMER): void {
    const last = this.bornCount - 1;
    this.bornMerge[last] = merge;
    this.bornStat[last] = stat;
    this.bornArgument[last] = argument;
    this.bornTimer[last] = timer;
  }

  die(id: number): void {
    if (this.deadCount === this.dead.length) {
      this.dead = grown(this.dead, new Uint32Array(this.deadCount * 2));
    }
    this.dead[this.deadCount++] = id;
  }

  /** The base name of a timer or set whose sketches appear for the first time. */
  bearSketch(timer: number, kind: SketchKind, name: NameWriter): void {
    const end = this.bornSketchBytes + name.length;
    if (end > this.bornSketchNames.length) {
      const size = Math.max(end, this.bornSketchBytes * 2);
      this.bornSketchNames = grown(this.bornSketchNames, new Uint8Array(size));
    }
    for (let i = 0; i < name.length; i++) {
      this.bornSketchNames[this.bornSketchBytes + i] = name.bytes[i]!;
    }
    this.bornSketchBytes = end;
    this.bornSketches.push(timer);
    this.bornSketchKinds.push(kind);
    this.bornSketchEnds.push(end);
  }

  putSketch(timer: number, bytes: Uint8Array): void {
    const end = this.sketchLength + bytes.length;
    if (end > this.sketchBytes.length) {
      const size = Math.max(end, this.sketchBytes.length * 2);
      this.sketchBytes = grown(this.sketchBytes, new Uint8Array(size));
    }
    this.sketchBytes.set(bytes, this.sketchLength);
    this.sketchLength = end;
    this.sketchTimers.push(timer);
    this.sketchEnds.push(end);
  }

  finish(
    head: Pick<FlushFrame, 'sequence' | 'time' | 'intervalMs' | 'metricCount' | 'processingMs'>,
  ): FlushFrame {
    const born = this.bornCount;
    const frame: FlushFrame = {
      kind: 'flush',
      ...head,
      ids: this.ids.slice(0, this.length),
      values: this.values.slice(0, this.length),
      bornIds: this.bornIds.slice(0, born),
      bornNames: this.bornNames.slice(0, this.bornBytes),
      bornNameEnds: this.bornEnds.slice(0, born),
      bornMerge: this.bornMerge.slice(0, born),
      bornStat: this.bornStat.slice(0, born),
      bornArgument: this.bornArgument.slice(0, born),
      bornTimer: this.bornTimer.slice(0, born),
      deadIds: this.dead.slice(0, this.deadCount),
      bornSketches: Uint32Array.from(this.bornSketches),
      bornSketchKinds: Uint8Array.from(this.bornSketchKinds),
      bornSketchNames: this.bornSketchNames.slice(0, this.bornSketchBytes),
      bornSketchNameEnds: Uint32Array.from(this.bornSketchEnds),
      sketchTimers: Uint32Array.from(this.sketchTimers),
      sketchBytes: this.sketchBytes.slice(0, this.sketchLength),
      sketchEnds: Uint32Array.from(this.sketchEnds),
    };
    this.length = this.bornCount = this.bornBytes = this.deadCount = this.sketchLength = 0;
    this.bornSketches.length = this.bornSketchKinds.length = this.bornSketchEnds.length = 0;
    this.bornSketchBytes = 0;
    this.sketchTimers = [];
    this.sketchEnds = [];
    return frame;
  }

  private growBorn(): void {
    const size = this.bornIds.length * 2;
    this.bornIds = grown(this.bornIds, new Uint32Array(size));
    this.bornEnds = grown(this.bornEnds, new Uint32Array(size));
    this.bornMerge = grown(this.bornMerge, new Uint8Array(size));
    this.bornStat = grown(this.bornStat, new Uint8Array(size));
    this.bornArgument = grown(this.bornArgument, new Float64Array(size));
    this.bornTimer = grown(this.bornTimer, new Uint32Array(size));
  }
}
