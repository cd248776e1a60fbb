/** The slot writers of all classes: one is made when the first value for its class comes. */
import { SlotSketches } from '../../ring/sketches/slot-sketches.ts';
import type { FlushBatch } from '../../../wire/sample-batch.ts';
import type { RingClass } from './series-table.ts';
import { SlotWriter, type StoredSlot } from './slot-writer.ts';

export class SlotWriters {
  private readonly storedSketch: StoredSlot;
  private readonly byClass: (SlotWriter | undefined)[] = [];
  /** By length of slots. */
  private readonly sketches = new Map<number, SlotSketches>();
  /** By class: the number of the flush that its slot writer has begun. */
  private readonly begun: number[] = [];
  private flushCount = 0;

  constructor(storedSketch: StoredSlot) {
    this.storedSketch = storedSketch;
  }

  get lateMerged(): number {
    return this.byClass.reduce((sum, slot) => sum + (slot?.lateMerged ?? 0), 0);
  }

  /** A flush follows, which no slot writer has begun. */
  nextFlush(): void {
    this.flushCount += 1;
  }

  of({ classId, rings }: Pick<RingClass, 'classId' | 'rings'>): SlotWriter {
    const known = this.byClass[classId];
    if (known !== undefined) return known;
    const { step } = rings.archives[0]!; // never empty
    const sketches = this.sketches.get(step) ?? new SlotSketches();
    this.sketches.set(step, sketches);
    return (this.byClass[classId] = new SlotWriter(rings, sketches, this.storedSketch));
  }

  /** Begins the flush in a class, once; whether it was the first time. */
  begin({ classId }: RingClass, slot: SlotWriter, batch: FlushBatch): boolean {
    if (this.begun[classId] === this.flushCount) return false;
    this.begun[classId] = this.flushCount;
    slot.begin(batch);
    return true;
  }

  /** Milliseconds of traffic in a row so far, 0 where it is not kept. */
  trafficOf(classId: number, row: number, column: number): number {
    return this.byClass[classId]?.trafficOf(row, column) ?? 0;
  }
}
