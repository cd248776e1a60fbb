/**
 * Sketches out of stored records: stale slots and damaged records read as nothing, the latter are
 * counted. Records come from whoever keeps them (LMDB, a Map in tests) and may live in a buffer
 * that the next record overwrites.
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { NEVER_WRITTEN, type RingState } from '../ring-clock.ts';
import type { RecordReader } from '../ring-records.ts';
import type { SketchSource } from './sketch-columns.ts';
import type { SketchMerger } from './sketch-merge.ts';
import { SketchBundle, numberOfBundle } from './sketch-record.ts';

/** What the record of a class of sketches says. */
export interface SketchShape {
  archives: readonly Archive[];
  kind: SketchKind;
  states: readonly RingState[];
}

export class SketchRecordSource implements SketchSource {
  readonly archives: readonly Archive[];
  readonly kind: SketchKind;
  readonly merger: SketchMerger;
  /** Damaged records met so far; the same one counts at each read. */
  corruptRecords = 0;
  private readonly states: readonly RingState[];
  private readonly records: RecordReader;

  constructor(shape: SketchShape, records: RecordReader, merger: SketchMerger) {
    this.archives = shape.archives;
    this.kind = shape.kind;
    this.states = shape.states;
    this.records = records;
    this.merger = merger;
  }

  state(archiveIndex: number): RingState {
    return this.states[archiveIndex] ?? NEVER_WRITTEN;
  }

  row(archiveIndex: number, row: number, block: number): SketchBundle | undefined {
    return this.read(this.records.row(archiveIndex, row, block), row);
  }

  chunk(archiveIndex: number, chunk: number, column: number): SketchBundle | undefined {
    return this.read(this.records.chunk(archiveIndex, chunk, column), chunk);
  }

  private read(record: Uint8Array | undefined, number: number): SketchBundle | undefined {
    if (record === undefined || numberOfBundle(record) !== number) return undefined;
    const bundle = SketchBundle.read(record);
    if (bundle === undefined) this.corruptRecords += 1;
    return bundle;
  }
}
