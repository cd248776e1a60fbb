/**
 * How rings reach their records, of values and of sketches alike: whoever keeps them (LMDB, a Map
 * in tests) is asked by slot. The unit is a page of a row or a block of a chunk for values, a block
 * of a row or one column of a chunk for sketches.
 */

/** The record in the slot of a row or chunk, whichever number it holds. */
export interface RecordReader {
  row(archiveIndex: number, row: number, unit: number): Uint8Array | undefined;
  chunk(archiveIndex: number, chunk: number, unit: number): Uint8Array | undefined;
}

/** Takes the records of changed rows and chunks; each is a fresh or quickly copied array. */
export interface RecordSink {
  row(archiveIndex: number, row: number, unit: number, record: Uint8Array): void;
  chunk(archiveIndex: number, chunk: number, unit: number, record: Uint8Array): void;
}
