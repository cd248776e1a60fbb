import { Catalogue } from '../src/storage/catalogue.ts';
import { nameOf } from './store-load.ts';
const c = new Catalogue();
let names: string[] = [];
for (let i = 0; i < 1_000_000; i++) names.push(Buffer.from(nameOf(i)).toString('latin1'));
names.sort();
let t = performance.now(); let u = process.cpuUsage();
names.forEach((n, i) => c.insert(n, i));
console.log('insert', (performance.now() - t).toFixed(0), 'cpu', process.cpuUsage(u).user / 1000);
names = [];
globalThis.gc?.();
const h = process.memoryUsage();
console.log('heap', (h.heapUsed / 2 ** 20).toFixed(0), 'ext', (h.arrayBuffers / 2 ** 20).toFixed(0));
for (const p of process.argv[2] ? [process.argv[2]] : ['servers.*.cpu.*', 'servers.*', 'servers.dc1-web-*.cpu.{m1,m2}', 'servers.*.*.*', '**.m3']) {
  const all: number[] = [], cpu: number[] = []; let n = 0;
  for (let i = 0; i < (process.argv[2] ? 60 : 12); i++) { u = process.cpuUsage(); t = performance.now(); n = c.find(p).length; all.push(performance.now() - t); const d = process.cpuUsage(u); cpu.push((d.user + d.system) / 1000); }
  all.sort((a, b) => a - b); cpu.sort((a, b) => a - b);
  console.log(p, n, 'median', all[6]!.toFixed(1), 'min', all[0]!.toFixed(1), 'max', all[11]!.toFixed(1), 'cpu median', cpu[6]!.toFixed(1));
}
