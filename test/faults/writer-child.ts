/**
 * A process that writes the history into a store until it is killed (or has done its steps), two
 * steps under way at a time as in the daemon, and prints the number of each operation once it is
 * durable. Arguments: data folder, first step, number of steps, steady series; with TALLYD_TRACE the
 * numbers also go into the trace of disk-shim.c, between the writes that it records.
 */
import fs from 'node:fs';
import { HistoryWriter } from './history-writer.ts';
import { openFaultStore } from './open-fault-store.ts';
import { acknowledgementRecord } from './write-trace.ts';

const [dataDir, first, count, steadyCount] = process.argv.slice(2);
const tracePath = process.env['TALLYD_TRACE'];
const trace = tracePath === undefined ? undefined : fs.openSync(tracePath, 'a');
const store = await openFaultStore(dataDir!, { thread: true });
const writer = new HistoryWriter(store, Number(steadyCount));
console.log('open');

const report = (operation: number): void => {
  if (trace !== undefined) fs.writeSync(trace, acknowledgementRecord(operation));
  console.log(String(operation));
};

const underWay: Promise<void>[] = [];
const end = Number(first) + Number(count);
for (let n = Number(first); n < end; n++) {
  underWay.push(writer.step(n, report));
  if (underWay.length >= 2) await underWay.shift();
}
await Promise.all(underWay);
await store.close();
