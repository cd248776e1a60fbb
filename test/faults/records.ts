/** Walks every record of a data folder and checks its checksum, with nothing of the reader's. */
import { isChunkRecord } from '../../src/storage/archive/chunk-record.ts';
import { headerChecksum, isBlockWhole, isRowRecord } from '../../src/storage/archive/row-record.ts';
import { BLOCK_SERIES } from '../../src/storage/archive/ring.ts';
import { seriesOfRecord } from '../../src/storage/archive/row-record.ts';
import { openEnvironment } from '../../src/storage/lmdb/environment.ts';
import { decodeSeries } from '../../src/storage/lmdb/series-record.ts';

/** One line for each record that is damaged. */
export function badRecordsIn(dataDir: string): string[] {
  const environment = openEnvironment(dataDir, 2 ** 32);
  const bad: string[] = [];
  const walk = (kind: 'rows' | 'chunks' | 'names', isWhole: Check): void => {
    for (const { key, value } of environment[kind].getRange()) {
      if (!isWhole(value, key)) bad.push(`${kind} ${Buffer.from(key).toString('hex')} is damaged`);
    }
  };
  try {
    walk('rows', isWholeRow);
    walk('chunks', isChunkRecord);
    walk('names', (value, key) => decodeSeries(key, value) !== undefined);
  } finally {
    void environment.root.close();
  }
  return bad;
}

type Check = (value: Uint8Array, key: Uint8Array) => boolean;

function isWholeRow(record: Uint8Array): boolean {
  if (!isRowRecord(record)) return false;
  const header = headerChecksum(record);
  const blocks = Math.ceil(seriesOfRecord(record) / BLOCK_SERIES);
  for (let block = 0; block < blocks; block++) {
    if (!isBlockWhole(record, block, header)) return false;
  }
  return true;
}
