/**
 * Walks every record of a data folder that nobody has open: once through LMDB with nothing but the
 * checksums, once as `verify` does, page by page and record against record.
 */
import path from 'node:path';
import { unbind } from '../../src/storage/lmdb/db/bound-record.ts';
import { GROUP_SERIES, isChunkRecord } from '../../src/storage/ring/values/chunk-record.ts';
import {
  headerChecksum,
  isBlockWhole,
  isRowRecord,
} from '../../src/storage/ring/values/row-record.ts';
import { BLOCK_SERIES } from '../../src/storage/ring/ring.ts';
import { seriesOfRecord } from '../../src/storage/ring/values/row-record.ts';
import { openEnvironment } from '../../src/storage/lmdb/db/environment.ts';
import { verifyFile } from '../../src/storage/lmdb/check/verify.ts';
import { decodeSeries } from '../../src/storage/lmdb/db/series-names.ts';

/** One line for each record that is damaged. */
export async function badRecordsIn(dataDir: string): Promise<string[]> {
  const environment = openEnvironment(dataDir, 2 ** 32);
  const bad: string[] = [];
  const walk = (kind: 'rows' | 'chunks' | 'names', isWhole: Check): void => {
    for (const { key, value } of environment[kind].getRange()) {
      const plain = kind === 'names' ? value : unbind(key, Uint8Array.from(value), PARTS[kind])!;
      if (!isWhole(plain, key)) bad.push(`${kind} ${Buffer.from(key).toString('hex')} is damaged`);
    }
  };
  try {
    walk('rows', isWholeRow);
    walk('chunks', isChunkRecord);
    walk('names', (value, key) => decodeSeries(key, value) !== undefined);
  } finally {
    await environment.root.close();
  }
  await verifyFile(path.join(dataDir, 'data.mdb'), {
    onFault: ({ database, where, what }) => void bad.push(`${database}, ${where}: ${what}`),
    onProgress: () => {},
  });
  return bad;
}

/** Series that share a checksum in a record. */
const PARTS = { rows: BLOCK_SERIES, chunks: GROUP_SERIES };

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
