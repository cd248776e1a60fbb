/**
 * The records of LMDB's tree of free pages: which pages the next transactions may write over. One
 * that is in use as well would be written over while a record is there.
 *
 *     count i64 | count entries i64: 0 nothing, page > 0, or -length and the first page of a run
 */
interface FreeRun {
  page: number;
  length: number;
}

/** The runs of a record; what is wrong with it, the end of a sentence, where it is none. */
export function readFreeRecord(value: Buffer, lastPage: number): FreeRun[] | string {
  if (value.length < 8 || value.length % 8 !== 0) return `it has ${value.length} bytes`;
  const count = Number(value.readBigInt64LE(0));
  if (count < 0 || (count + 1) * 8 > value.length) return `it has ${count} entries`;
  const runs: FreeRun[] = [];
  for (let i = 1; i <= count; i++) {
    const entry = Number(value.readBigInt64LE(i * 8));
    if (entry === 0) continue;
    let run: FreeRun = { page: entry, length: 1 };
    if (entry < 0) {
      i += 1;
      if (i > count) return 'its last run has no page';
      run = { page: Number(value.readBigInt64LE(i * 8)), length: -entry };
    }
    const { page, length } = run;
    if (page < 2 || page + length - 1 > lastPage) return `it lists page ${page + length - 1}`;
    runs.push(run);
  }
  return runs;
}
