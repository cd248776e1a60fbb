/**
 * A thread that reads the newest flush's two row segments over and over: in one snapshot they must
 * be of the same flush. `shared`: [0] told to end, [1] pairs read, [2] pairs that differed.
 */
import { workerData } from 'node:worker_threads';
import { open } from 'lmdb';

const { dataDir, shared } = workerData;
const binary = { encoding: 'binary', keyEncoding: 'binary' };
const root = open({
  path: dataDir,
  mapSize: 2 ** 32,
  maxDbs: 24,
  noSubdir: false,
  overlappingSync: false,
  ...binary,
});
const rows = root.openDB({ name: 'row', ...binary });

const key = (slot, segment) => {
  const bytes = Buffer.alloc(11);
  bytes.writeUInt32BE(slot, 3);
  bytes.writeUInt32BE(segment, 7);
  return bytes;
};

while (Atomics.load(shared, 0) === 0) {
  root.resetReadTxn();
  for (let slot = 0; slot < 120; slot++) {
    const first = rows.get(key(slot, 0));
    const second = rows.get(key(slot, 1));
    if (first === undefined && second === undefined) continue;
    const rowOf = (record) =>
      Buffer.from(record ?? [])
        .subarray(0, 16)
        .readUInt32LE(4);
    if (first === undefined || second === undefined) Atomics.add(shared, 2, 1);
    else if (rowOf(first) !== rowOf(second)) Atomics.add(shared, 2, 1);
    Atomics.add(shared, 1, 1);
  }
}
root.resetReadTxn();
await root.close();
